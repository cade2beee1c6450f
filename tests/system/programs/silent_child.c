/* A caller with a child that gives no signal when it ends, and that a plain wait does not see:
 *
 *   silent_child COMMAND...
 *
 * prints the child's pid and becomes COMMAND. */
#include <linux/sched.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/syscall.h>
#include <unistd.h>

int main(int argc, char **argv)
{
    struct clone_args args = {.exit_signal = 0};
    long pid = syscall(SYS_clone3, &args, sizeof args);
    if (argc < 2 || pid < 0)
        return 99;
    for (; pid == 0;)
        pause();
    printf("%ld\n", pid);
    fflush(stdout);
    execvp(argv[1], argv + 1);
    return 99;
}

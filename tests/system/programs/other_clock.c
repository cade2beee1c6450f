/* Its children live in a time namespace with another clock; it tries to guard itself. */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <treefall.h>
#include <unistd.h>

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x80
#endif

static int shift_clock(void)
{
    static const char ahead[] = "monotonic 1000 0\n";
    int offsets = unshare(CLONE_NEWTIME) == 0 ? open("/proc/self/timens_offsets", O_WRONLY) : -1;
    if (offsets < 0 || write(offsets, ahead, strlen(ahead)) < 0)
        return -1;
    return close(offsets);
}

int main(void)
{
    struct treefall *guard = NULL;
    if (shift_clock() < 0)
        return 77;
    int status = treefall_start(NULL, &guard);
    printf("%d\n", status);
    treefall_stop(guard);
    return 0;
}

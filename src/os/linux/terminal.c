#include "os/linux/bytes.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define SCREEN_MS 100 /* for a terminal that accepts no output */

/* All signals are blocked in the wrapper, so setting a terminal from the background does not stop
 * us. */

/* We have only one controlling terminal. */
static struct termios kept;
static bool is_kept;

bool os_has_job_control(void)
{
    return true;
}

void os_terminal_open(struct os_terminal *terminal)
{
    *terminal = (struct os_terminal){.handle = OS_NO_HANDLE, .our_group = getpgrp()};
    terminal->handle = open("/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
    terminal->eager = terminal->handle >= 0 && terminal->our_group == getpid() &&
                      tcgetpgrp(STDIN_FILENO) >= 0 && tcgetpgrp(STDOUT_FILENO) >= 0;
}

void os_terminal_close(struct os_terminal *terminal)
{
    os_handle_close(&terminal->handle);
}

bool os_terminal_is_ours(const struct os_terminal *terminal)
{
    return terminal->handle != OS_NO_HANDLE &&
           tcgetpgrp((int)terminal->handle) == terminal->our_group;
}

void os_terminal_give(const struct os_terminal *terminal, int32_t group)
{
    if (terminal->handle == OS_NO_HANDLE)
        return;
    is_kept = tcgetattr((int)terminal->handle, &kept) == 0;
    tcsetpgrp((int)terminal->handle, group);
}

static bool is_gone(pid_t group)
{
    return group > 1 && kill(-group, 0) < 0 && errno == ESRCH;
}

bool os_terminal_take(const struct os_terminal *terminal, int32_t group)
{
    if (terminal->handle == OS_NO_HANDLE)
        return false;
    pid_t owner = tcgetpgrp((int)terminal->handle);
    return (owner == group || is_gone(owner)) &&
           tcsetpgrp((int)terminal->handle, terminal->our_group) == 0;
}

void os_terminal_restore(const struct os_terminal *terminal)
{
    if (terminal->handle != OS_NO_HANDLE && is_kept)
        tcsetattr((int)terminal->handle, TCSANOW, &kept);
}

/* Leaving the alternate screen restores the cursor that was saved on entering it, even if it was
 * not entered. So the cursor is saved first. */
void os_terminal_reset_screen(const struct os_terminal *terminal)
{
    static const char reset[] = "\0337\033[?1049l" /* the alternate screen */
                                "\033[?1000l\033[?1002l\033[?1003l\033[?1006l" /* mouse reports */
                                "\033[?1004l\033[?2004l" /* reports of focus and pastes */
                                "\033[?25h";             /* shows the cursor */
    const char *kind = getenv("TERM");
    if (terminal->handle != OS_NO_HANDLE && kind && *kind != '\0' && strcmp(kind, "dumb") != 0)
        bytes_offer((int)terminal->handle, reset, sizeof reset - 1, SCREEN_MS);
}

/* The kernel does not stop a process whose group has no process to continue it, such as an init, or
 * a program that a terminal window started. A process that was stopped has received a SIGCONT,
 * which is blocked here and so stays pending. */
bool os_stop_self(int signal, bool group)
{
    struct sigaction stop = {.sa_handler = SIG_DFL};
    struct sigaction inherited;
    sigset_t unblocked;
    sigset_t before;
    if (signal != SIGTTIN && signal != SIGTTOU)
        signal = SIGTSTP;
    sigaction(signal, &stop, &inherited);
    sigemptyset(&unblocked);
    sigaddset(&unblocked, signal);
    /* Before the signal is unblocked: the one from the key may be pending, and the two then count
     * as one stop. */
    kill(group ? 0 : getpid(), signal);
    sigprocmask(SIG_UNBLOCK, &unblocked, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    sigaction(signal, &inherited, NULL);
    return sigpending(&unblocked) == 0 && sigismember(&unblocked, SIGCONT) == 1;
}

void os_end_self_by_interrupt(void)
{
    struct sigaction end = {.sa_handler = SIG_DFL};
    sigset_t interrupt;
    sigaction(SIGINT, &end, NULL);
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    (void)raise(SIGINT);
    sigprocmask(SIG_UNBLOCK, &interrupt, NULL);
}

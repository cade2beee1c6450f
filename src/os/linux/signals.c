#include "os/linux/signals.h"

#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Process-wide, like the dispositions themselves. Written once, by os_signals_take. */
static sigset_t inherited_mask;
static bool inherited_known;
static bool child_was_ignored;

/* Only SIGCHLD's disposition is changed for long. Blocked signals are queued even if ignored. */
bool signal_was_ignored(int number)
{
    struct sigaction present;
    if (number == SIGCHLD)
        return child_was_ignored;
    return sigaction(number, NULL, &present) == 0 && present.sa_handler == SIG_IGN;
}

struct error os_signals_take(os_handle *out)
{
    sigset_t all;
    struct sigaction fresh = {.sa_handler = SIG_DFL};
    struct sigaction before;
    /* Includes SIGSEGV and the like. A fault of our own still kills us, because the kernel does not
     * let a program block that. If another process sent the signal, it is forwarded. */
    sigfillset(&all);
    if (sigprocmask(SIG_BLOCK, &all, &inherited_mask) < 0)
        return error_make(ERROR_SYSTEM, errno, "block signals", NULL);
    inherited_known = true;
    /* With an inherited SIG_IGN the kernel would reap our children itself. */
    sigaction(SIGCHLD, &fresh, &before);
    child_was_ignored = before.sa_handler == SIG_IGN;
    int fd = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
    if (fd < 0)
        return error_make(ERROR_SYSTEM, errno, "create a signalfd", sys_advice(errno));
    *out = fd;
    return ERROR_OK;
}

void signals_give_back(void)
{
    struct sigaction ignore = {.sa_handler = SIG_IGN};
    if (!inherited_known)
        return;
    if (child_was_ignored)
        sigaction(SIGCHLD, &ignore, NULL);
    sigprocmask(SIG_SETMASK, &inherited_mask, NULL);
}

/* The kernel signals a guard that has used up its processor time, that a file is too large, or that
 * the reader of its output is gone. */
static bool is_about_us(const struct signalfd_siginfo *info)
{
    bool is_of_a_write = info->ssi_signo == SIGXFSZ || info->ssi_signo == SIGPIPE;
    return (info->ssi_signo == SIGXCPU && info->ssi_code == SI_KERNEL) ||
           (is_of_a_write && (int32_t)info->ssi_pid == getpid());
}

bool os_signals_read(os_handle handle, struct os_signal *out)
{
    struct signalfd_siginfo info;
    do
        if (read((int)handle, &info, sizeof info) != sizeof info)
            return false;
    while (is_about_us(&info));
    *out = (struct os_signal){.number = (int)info.ssi_signo,
                              .sender = (int32_t)info.ssi_pid,
                              .from_terminal = info.ssi_code == SI_KERNEL,
                              .ignored = signal_was_ignored((int)info.ssi_signo)};
    return true;
}

bool os_signals_take_key(void)
{
    const struct timespec now = {0, 0};
    siginfo_t info;
    sigset_t interrupt;
    sigemptyset(&interrupt);
    sigaddset(&interrupt, SIGINT);
    return sigtimedwait(&interrupt, &info, &now) == SIGINT && info.si_code == SI_KERNEL &&
           !signal_was_ignored(SIGINT);
}

enum os_signal_class os_signal_class(int number)
{
    switch (number) {
    case SIGTERM:
    case SIGINT:
        return SIGNAL_STOP;
    case SIGHUP:
        return SIGNAL_HANGUP;
    case SIGCHLD:
        return SIGNAL_CHILD;
    case SIGTSTP:
        return SIGNAL_SUSPEND;
    case SIGTTIN:
    case SIGTTOU:
        return SIGNAL_TERMINAL;
    case SIGCONT:
        return SIGNAL_CONTINUE;
    default:
        return SIGNAL_FORWARD;
    }
}

int os_signal_terminate(void)
{
    return SIGTERM;
}

int os_signal_kill(void)
{
    return SIGKILL;
}

int os_signal_continue(void)
{
    return SIGCONT;
}

int os_signal_interrupt(void)
{
    return SIGINT;
}

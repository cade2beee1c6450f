/* The only place from which a signal is sent. First a handle is opened, then the identity is proven
 * by what the number says after that, and then the signal goes to the handle. If the number was
 * reused in between, the signal goes to a dead process. */
#include "os/linux/proc.h"
#include "os/linux/process.h"
#include "os/linux/sys.h"
#include "os/os.h"

#include <errno.h>
#include <signal.h>

static bool is_refused(int32_t pid)
{
    return pid <= 1 || pid == getpid() || pid == getppid();
}

static bool carries(const struct os_proof *proof)
{
    struct brand_pair pair;
    uint32_t user;
    return !os_brand_get(proof->id.pid, &pair).code &&
           !os_process_user(proof->id.pid, &user).code && brand_proves(&proof->brand, pair, user);
}

/* What a failed pidfd_open means. The call itself needs no permission. */
static enum os_strike unopened(int os_code)
{
    switch (os_code) {
    case ESRCH:
    case EINVAL: /* a thread's number, or (before 6.9) a dead leader's */
    case ENOENT: /* a thread's number, on current kernels */
        return STRIKE_GONE;
    case EMFILE:
    case ENFILE:
    case ENOMEM:
        return STRIKE_STARVED;
    default:
        return STRIKE_FILTERED;
    }
}

static bool has_ended(int pidfd)
{
    const struct os_process process = {.handle = pidfd};
    return os_process_ended(&process);
}

/* STRIKE_SENT: proven. Another start time means another process, so the process that was meant is
 * gone. */
static enum os_strike prove(const struct os_proof *proof, int pidfd)
{
    struct process_row row = {0};
    struct error error = ERROR_OK;
    if (proof->id.start != 0)
        error = proc_stat(proof->id.pid, &row);
    row.id.serial = pidfd_serial(pidfd);
    if (error.code == ERROR_GONE ||
        (!error.code && proof->id.start != 0 && !process_is_same(row.id, proof->id)))
        return STRIKE_GONE;
    if (error.code == ERROR_SYSTEM)
        return STRIKE_STARVED;
    if (proof->id.start == 0 && has_ended(pidfd)) /* no row shows that it is a zombie */
        return STRIKE_GONE;
    if (error.code || (proof->id.start == 0 && proof->brand.count == 0))
        return STRIKE_UNPROVEN;
    if (proof->brand.count == 0 || carries(proof))
        return STRIKE_SENT;
    /* A process that exited after its row was read has no brand any more. */
    return has_ended(pidfd) ? STRIKE_GONE : STRIKE_UNPROVEN;
}

static enum os_strike send_to(int pidfd, int number)
{
    if (sys_pidfd_send_signal(pidfd, number) == 0)
        return STRIKE_SENT;
    return errno == ESRCH ? STRIKE_GONE : STRIKE_DENIED;
}

enum os_strike os_strike(const struct os_proof *proof, int signal)
{
    if (is_refused(proof->id.pid))
        return STRIKE_REFUSED;
    int pidfd = sys_pidfd_open(proof->id.pid);
    if (pidfd < 0)
        return unopened(errno);
    enum os_strike result = prove(proof, pidfd);
    if (result == STRIKE_SENT)
        result = send_to(pidfd, signal);
    close(pidfd);
    return result;
}

/* The child is not reaped, so the number is its own. But a child that has exited needs no
 * signal. */
enum os_strike os_strike_child(int32_t pid, int signal)
{
    if (is_refused(pid))
        return STRIKE_REFUSED;
    int pidfd = sys_pidfd_open(pid);
    if (pidfd < 0)
        return unopened(errno);
    enum os_strike result = has_ended(pidfd) ? STRIKE_GONE : send_to(pidfd, signal);
    close(pidfd);
    return result;
}

enum os_strike os_strike_handle(const struct os_process *process, int signal)
{
    if (is_refused(process->id.pid))
        return STRIKE_REFUSED;
    return send_to((int)process->handle, signal);
}

/* The leader is our child and not reaped, so its number, and its group's, cannot belong to another
 * process. */
enum os_strike os_strike_group(const struct os_process *leader, int signal)
{
    if (is_refused(leader->id.pid))
        return STRIKE_REFUSED;
    if (kill(-leader->id.pid, signal) == 0)
        return STRIKE_SENT;
    return errno == ESRCH ? STRIKE_GONE : STRIKE_DENIED;
}

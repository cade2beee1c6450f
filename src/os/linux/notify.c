#include "os/linux/path.h"
#include "os/linux/runtime.h"
#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

/* The kernel drops any further descriptors itself. */
#define DESCRIPTORS 16
#define ALL_WRITE   (S_IRUSR | S_IWUSR | S_IRGRP | S_IWGRP | S_IROTH | S_IWOTH)

static int open_socket(void)
{
    int on = 1;
    int made = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made >= 0 && setsockopt(made, SOL_SOCKET, SO_PASSCRED, &on, sizeof on) < 0) {
        close(made);
        made = -1;
    }
    return made;
}

/* A ward of root's may become another user. Each message carries the sender's user. */
static mode_t socket_mode(void)
{
    return geteuid() == 0 ? ALL_WRITE : S_IRUSR | S_IWUSR;
}

/* The umask applies to sockets too. A folder that was removed and recreated is not the one that we
 * hold. */
static int bind_privately(int made, int folder, const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    if (!path_append(address.sun_path, sizeof address.sun_path, path))
        return ENAMETOOLONG;
    if (bind(made, (struct sockaddr *)&address, sizeof address) < 0)
        return errno;
    if (fchmodat(folder, path_name(path), socket_mode(), 0) == 0)
        return 0;
    int failed = errno;
    path_remove(AT_FDCWD, path, 0);
    return failed;
}

static int make_socket(void *context, int folder, const char *path)
{
    struct os_notify *notify = context;
    int made = open_socket();
    if (made < 0)
        return errno;
    int failed = bind_privately(made, folder, path);
    if (failed)
        close(made);
    else
        notify->socket = made;
    return failed;
}

struct error os_notify_open(struct os_notify *out)
{
    struct os_notify made = {.socket = OS_NO_HANDLE, .folder = OS_NO_HANDLE};
    const struct runtime_maker maker = {
        .prefix = "notify", .what = "create the notify socket", .make = make_socket, &made};
    struct error error = runtime_make(&maker, made.path, sizeof made.path, &made.folder);
    if (!error.code)
        *out = made;
    return error;
}

/* Reads the sender, and closes descriptors that were passed along: a barrier waits for that. */
static void take_control(struct msghdr *header, struct notify_message *out)
{
    for (struct cmsghdr *part = CMSG_FIRSTHDR(header); part; part = CMSG_NXTHDR(header, part)) {
        if (part->cmsg_level != SOL_SOCKET)
            continue;
        struct ucred sender;
        if (part->cmsg_type == SCM_CREDENTIALS && part->cmsg_len >= CMSG_LEN(sizeof sender)) {
            memcpy(&sender, CMSG_DATA(part), sizeof sender);
            out->sender = sender.pid;
            out->uid = sender.uid;
        }
        if (part->cmsg_type != SCM_RIGHTS)
            continue;
        for (size_t at = CMSG_LEN(0); at + sizeof(int) <= part->cmsg_len; at += sizeof(int)) {
            int passed;
            memcpy(&passed, (char *)part + at, sizeof passed);
            close(passed);
        }
    }
}

/* If a message is too long, only its whole lines count. A message with a NUL inside is not text. */
static void tidy(char *text, size_t length, bool truncated)
{
    text[length] = '\0';
    if (truncated) {
        char *last = strrchr(text, '\n');
        *(last ? last : text) = '\0';
    }
    if (!truncated && length > 0 && text[length - 1] == '\0')
        length--;
    if (!truncated && strlen(text) != length)
        text[0] = '\0';
}

bool os_notify_read(struct os_notify *notify, struct notify_message *out)
{
    union {
        struct cmsghdr align;
        char bytes[CMSG_SPACE(sizeof(struct ucred)) + CMSG_SPACE(DESCRIPTORS * sizeof(int))];
    } control;
    struct iovec part = {out->text, sizeof out->text - 1};
    struct msghdr header = {.msg_iov = &part, .msg_iovlen = 1};
    header.msg_control = &control;
    header.msg_controllen = sizeof control;
    ssize_t got;
    do
        got = recvmsg((int)notify->socket, &header, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    while (got < 0 && errno == EINTR);
    if (got < 0)
        return false;
    out->sender = 0;
    out->uid = (uint32_t)-1;
    take_control(&header, out);
    tidy(out->text, (size_t)got, (header.msg_flags & MSG_TRUNC) != 0);
    if (out->sender <= 0)
        out->text[0] = '\0';
    return true;
}

bool os_has_notify(void)
{
    return true;
}

void os_notify_clear(struct os_notify *notify)
{
    if (notify->path[0] == '\0')
        return;
    runtime_clear(notify->path, notify->folder);
    notify->path[0] = '\0';
}

void os_notify_close(struct os_notify *notify)
{
    if (notify->socket == OS_NO_HANDLE)
        return;
    os_handle_close(&notify->socket);
    os_notify_clear(notify);
    os_handle_close(&notify->folder);
}

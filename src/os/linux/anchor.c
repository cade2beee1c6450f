#include "os/linux/anchor.h"

#include "os/linux/path.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

/* Above the numbers of the lines: the write end, and room for files that are open for a moment. */
#define NUMBERS_ABOVE 8

int anchor_numbers(void)
{
    struct rlimit limit = {0};
    getrlimit(RLIMIT_NOFILE, &limit);
    return (limit.rlim_cur > INT32_MAX ? INT32_MAX : (int)limit.rlim_cur) - NUMBERS_ABOVE;
}

int anchor_move_up(int fd, int wanted)
{
    int most = anchor_numbers();
    int moved = fcntl(fd, F_DUPFD_CLOEXEC, wanted < most ? wanted : most);
    if (moved >= 0)
        close(fd);
    return moved;
}

ino_t anchor_inode(int fd)
{
    struct stat found = {0};
    return fstat(fd, &found) == 0 && S_ISFIFO(found.st_mode) ? found.st_ino : 0;
}

/* Opens another description of the same pipe: O_ASYNC and its owner belong to a description. */
static int reopen(int fd)
{
    char path[PATH_OF_FD_BYTES];
    path_of_fd(path, fd);
    return open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
}

int anchor_make(int read_end, const struct f_owner_ex *owner, int number)
{
    int anchor = reopen(read_end);
    if (anchor < 0)
        return -1;
    if (fcntl(anchor, F_SETSIG, number) < 0 || fcntl(anchor, F_SETOWN_EX, owner) < 0) {
        int os_code = errno;
        close(anchor);
        errno = os_code;
        return -1;
    }
    return anchor;
}

bool anchor_place(int anchor, int number)
{
    int placed = fcntl(anchor, F_DUPFD_CLOEXEC, number);
    close(anchor);
    if (placed >= 0 && placed != number)
        close(placed); /* a file of our caller's has the number */
    return placed == number;
}

void anchor_wake(int anchor)
{
    fcntl(anchor, F_SETFL, O_ASYNC | O_NONBLOCK);
}

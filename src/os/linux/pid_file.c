#include "base/text.h"
#include "os/linux/proc.h"
#include "os/os.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

bool os_has_pid_files(void)
{
    return true;
}

static int32_t number_in(int file)
{
    struct stat about;
    char text[32];
    if (fstat(file, &about) < 0 || !S_ISREG(about.st_mode))
        return 0;
    ssize_t got = read(file, text, sizeof text - 1);
    text[got > 0 ? got : 0] = '\0';
    const char *at = text;
    while (*at == ' ')
        at++;
    uint64_t number = text_number(&at);
    return number <= INT32_MAX && (*at == '\0' || *at == '\n') ? (int32_t)number : 0;
}

int32_t os_pid_file_read(const char *path)
{
    int file = open(path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
    if (file < 0)
        return 0;
    int32_t number = number_in(file);
    close(file);
    return number;
}

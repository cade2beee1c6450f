/* A ward that beats.
 *
 *   beater ROSTER FILE
 *
 * touches FILE twenty times a second. It writes `ward PID` to the FIFO named ROSTER after the first
 * beat, and takes orders from its standard input: `beat` reports `beat N` right after the next
 * beat, the N-th; `hang` ends the beats, and is reported as `hung N`. */
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define GAP_MS 50

static const char *roster;
static const char *file;
static int beats;

static void report(const char *word, int number)
{
    char line[80];
    int length = snprintf(line, sizeof line, "%s %d\n", word, number);
    int fd = open(roster, O_WRONLY | O_CLOEXEC);
    if (fd < 0 || write(fd, line, (size_t)length) != length)
        exit(99);
    close(fd);
}

static void beat(void)
{
    int fd = open(file, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0 || futimens(fd, NULL) < 0)
        exit(98);
    close(fd);
    beats++;
}

static void obey(const char *order)
{
    if (strncmp(order, "hang", 4) == 0) {
        report("hung", beats);
        for (;;)
            pause();
    }
    beat();
    report("beat", beats);
}

int main(int argc, char **argv)
{
    struct pollfd orders = {.fd = STDIN_FILENO, .events = POLLIN};
    char order[80];
    if (argc != 3)
        return 99;
    roster = argv[1];
    file = argv[2];
    beat();
    report("ward", getpid());
    for (;;) {
        ssize_t length = poll(&orders, 1, GAP_MS) > 0 ? read(STDIN_FILENO, order, 79) : 0;
        order[length > 0 ? length : 0] = '\0';
        if (length > 0)
            obey(order);
        else
            beat();
    }
}

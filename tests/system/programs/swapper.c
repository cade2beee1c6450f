/* swapper FOLDER NAME VICTIM: another user who races for what is written to FOLDER/NAME. Over and
 * over it moves away whatever has the name, and the temporary files beside it, and plants a symlink
 * to VICTIM, an open file of its own, or nothing. Ends when its stdin does. */
#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define TEMPORARY ".treefall-"

static const char *victim;
static unsigned moved;

/* What is moved away stays: whose it is tells the test what was given away. */
static void move_away(const char *name)
{
    char kept[64];
    snprintf(kept, sizeof kept, "moved-%u", moved);
    if (rename(name, kept) == 0)
        moved++;
}

static void plant(const char *name, unsigned turn)
{
    if (turn % 3 == 0 && symlink(victim, name) < 0)
        return;
    if (turn % 3 == 1)
        close(open(name, O_WRONLY | O_CREAT, 0666));
}

static void swap_temporaries(unsigned turn)
{
    DIR *folder = opendir(".");
    for (struct dirent *entry; folder && (entry = readdir(folder)) != NULL;)
        if (strncmp(entry->d_name, TEMPORARY, strlen(TEMPORARY)) == 0) {
            move_away(entry->d_name);
            plant(entry->d_name, turn);
        }
    if (folder)
        closedir(folder);
}

/* Links and empty files of its own would fill the folder. */
static void drop(const char *name)
{
    struct stat found;
    if (lstat(name, &found) == 0 && found.st_uid == getuid() && found.st_size < 4096)
        unlink(name);
}

static bool is_over(void)
{
    struct pollfd input = {.fd = 0, .events = POLLIN};
    return poll(&input, 1, 0) != 0;
}

int main(int argc, char **argv)
{
    if (argc != 4 || chdir(argv[1]) < 0)
        return 2;
    umask(0);
    victim = argv[3];
    for (unsigned turn = 0; !is_over(); turn++) {
        drop(argv[2]);
        move_away(argv[2]);
        plant(argv[2], turn);
        swap_temporaries(turn);
        if (turn == 0)
            puts("swapping"), fflush(stdout);
    }
    return 0;
}

/* A program of a reader's: it has names that the library uses inside, and its own time. */
#include <stdio.h>
#include <treefall.h>

int sink_text(void);
int sink_text(void)
{
    return 7;
}

int os_clock(void);
int os_clock(void)
{
    return 8;
}

int main(void)
{
    struct treefall *guard = NULL;
    struct treefall_options options = {0};
    char text[64];
    options.kill_delay_ms = 60000;
    int status = treefall_start(&options, &guard);
    if (status != TREEFALL_OK) {
        printf("%d %s\n", status, treefall_strerror(status));
        return 1;
    }
    treefall_beat(guard);
    treefall_hold(guard, 1000);
    treefall_release(guard);
    size_t length = treefall_guarantee(guard, text, sizeof text);
    printf("%d %.12s\n", sink_text() + os_clock(), length >= sizeof text ? text : "short");
    return -treefall_stop(guard);
}

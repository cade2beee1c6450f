#include "tree/relay.h"

#include <string.h>

static const char *const names[] = {"sudo",   "su",  "doas",   "runuser",
                                    "pkexec", "ssh", "podman", "docker"};

static bool is_relay(const char *name)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

void relays_note(struct relays *relays, const struct process_row *row)
{
    if (relays->count < RELAYS_AT_MOST && is_relay(row->name) && !relays_have(relays, row->id.pid))
        relays->pids[relays->count++] = row->id.pid;
}

bool relays_have(const struct relays *relays, int32_t pid)
{
    for (size_t i = 0; i < relays->count; i++)
        if (relays->pids[i] == pid)
            return true;
    return false;
}

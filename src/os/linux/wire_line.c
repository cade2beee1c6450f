#include "os/linux/wire_line.h"

#include "os/linux/anchor.h"

#include <errno.h>
#include <signal.h>

/* An inherited file has one of the line's numbers. */
#define OCCUPIED (-1)

int line_anchor(const struct os_wire *wire, size_t line, int pipe)
{
    return wire->first + PIPES * (int)line + pipe;
}

/* An anchor was placed above the write end: move the write end twice as high. */
static void stay_above(struct os_wire *wire, int anchor)
{
    if (anchor < wire->write[ABOVE])
        return;
    int moved = anchor_move_up(wire->write[ABOVE], anchor < INT32_MAX / 2 ? 2 * anchor : anchor);
    if (moved >= 0)
        wire->write[ABOVE] = moved;
}

static bool anchor_is_there(const struct os_wire *wire, size_t line, int pipe)
{
    return anchor_inode(line_anchor(wire, line, pipe)) == wire->inode[pipe];
}

void line_drop(struct os_wire *wire, size_t line)
{
    for (int i = 0; i < PIPES; i++)
        if (anchor_is_there(wire, line, i))
            close(line_anchor(wire, line, i));
    wire->lines[line].number = 0;
}

bool line_is_whole(const struct os_wire *wire, size_t line)
{
    return anchor_is_there(wire, line, ABOVE) && anchor_is_there(wire, line, BELOW);
}

/* Returns wire->room if there is none. */
static size_t line_add(struct os_wire *wire)
{
    while (wire->used < wire->room) {
        size_t line = wire->used++;
        bool occupied = false;
        stay_above(wire, line_anchor(wire, line, PIPES - 1));
        for (int i = 0; i < PIPES; i++)
            occupied |= fcntl(line_anchor(wire, line, i), F_GETFD) >= 0;
        if (!occupied)
            return line;
        wire->lines[line].number = OCCUPIED;
    }
    return wire->room;
}

size_t line_find(struct os_wire *wire, int32_t number, bool is_group)
{
    size_t free_line = wire->room;
    for (size_t i = 0; i < wire->used; i++) {
        if (wire->lines[i].number == number && wire->lines[i].is_group == is_group)
            return i;
        if (wire->lines[i].number == 0)
            free_line = i;
    }
    return free_line < wire->room ? free_line : line_add(wire);
}

/* Whether the process is still the member that was seen. Then the anchors, which were made since,
 * refer to it or its group. */
static bool is_there(const struct process_row *witness)
{
    struct process_row now = {0};
    if (witness->id.start == 0)
        return true;
    return !os_process_row(witness->id.pid, &now).code && process_is_same(now.id, witness->id) &&
           now.group == witness->group;
}

static struct error line_place(struct os_wire *wire, size_t line, const struct f_owner_ex *owner)
{
    bool placed = false;
    errno = 0;
    for (int i = 0; i < PIPES; i++) {
        int anchor = anchor_make(wire->read[i], owner, SIGKILL);
        if (anchor >= 0)
            placed |= anchor_place(anchor, line_anchor(wire, line, i));
    }
    if (placed)
        return ERROR_OK;
    return errno == ESRCH ? error_make(ERROR_GONE, errno, "arm the wire", NULL)
                          : wire_failed("arm the wire");
}

struct error line_make(struct os_wire *wire, size_t line, const struct process_row *witness)
{
    bool is_group = wire->lines[line].is_group;
    struct f_owner_ex owner = {is_group ? F_OWNER_PGRP : F_OWNER_PID, wire->lines[line].number};
    struct error error = line_place(wire, line, &owner);
    if (!error.code && (wire->over || !is_there(witness)))
        error = error_make(ERROR_GONE, 0, "arm the wire", NULL);
    if (error.code) {
        line_drop(wire, line);
        return error;
    }
    for (int i = 0; i < PIPES; i++)
        anchor_wake(line_anchor(wire, line, i));
    return ERROR_OK;
}

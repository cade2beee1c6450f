#include "os/windows/pin.h"

#include "base/array.h"
#include "os/windows/table.h"

#include <string.h>

#define FIRST_CAPACITY 256

struct pin {
    struct process_identity id;
    HANDLE process;
    bool lives;    /* in this pass */
    bool is_named; /* as a parent */
};

static struct {
    struct pin *pins; /* by number */
    size_t count;
    size_t capacity;
} all;

static size_t place_of(int32_t pid)
{
    return array_place(all.pins, all.count, sizeof *all.pins, pid);
}

static struct pin *find(int32_t pid)
{
    size_t at = place_of(pid);
    return at < all.count && all.pins[at].id.pid == pid ? &all.pins[at] : NULL;
}

static bool make_room(void)
{
    if (all.count < all.capacity)
        return true;
    struct pin *bigger = os_pages_grow(all.pins, &all.capacity, FIRST_CAPACITY, sizeof *bigger);
    if (bigger)
        all.pins = bigger;
    return bigger != NULL;
}

/* NULL if the number now belongs to another process. */
static HANDLE hold(struct process_identity id)
{
    HANDLE process = OpenProcess(PROCESS_QUERY_LIMITED_INFORMATION, FALSE, (DWORD)id.pid);
    if (process && table_start_of(process) == id.start)
        return process;
    if (process)
        CloseHandle(process);
    return NULL;
}

void os_scan_pin(struct process_identity id)
{
    HANDLE process = find(id.pid) || !make_room() ? NULL : hold(id);
    if (!process)
        return;
    struct pin *at = all.pins + place_of(id.pid);
    memmove(at + 1, at, (size_t)(all.pins + all.count - at) * sizeof *at);
    *at = (struct pin){.id = id, .process = process};
    all.count++;
}

void pin_begin(void)
{
    for (size_t i = 0; i < all.count; i++)
        all.pins[i].lives = all.pins[i].is_named = false;
}

void pin_show(const struct process_row *row)
{
    struct pin *own = find(row->id.pid);
    struct pin *parent = find(row->ppid);
    if (own && row->state != PROCESS_DEAD)
        own->lives = true;
    if (parent)
        parent->is_named = true;
}

void pin_end(os_scan_row *row, void *context)
{
    size_t kept = 0;
    for (size_t i = 0; i < all.count; i++) {
        struct pin pin = all.pins[i];
        struct process_row dead = {.id = pin.id, .state = PROCESS_DEAD};
        if (!pin.lives && !pin.is_named) {
            CloseHandle(pin.process);
            continue;
        }
        if (!pin.lives)
            row(context, &dead);
        all.pins[kept++] = pin;
    }
    all.count = kept;
}

/* There is no signal at the death of the last guard. */
#include "os/wire.h"

#include "os/none/absent.h"

struct error os_wire_open(struct os_wire **out)
{
    (void)out;
    return absent("create the wire");
}

struct error os_wire_prove(struct os_wire *wire)
{
    (void)wire;
    return absent("test the wire");
}

struct error os_wire_arm_group(struct os_wire *wire, const struct process_row *witness)
{
    (void)wire;
    (void)witness;
    return absent("arm the wire");
}

struct error os_wire_arm_process(struct os_wire *wire, const struct process_row *witness)
{
    (void)wire;
    (void)witness;
    return absent("arm the wire");
}

uint32_t os_wire_look(struct os_wire *wire)
{
    (void)wire;
    return 0;
}

void os_wire_sweep(struct os_wire *wire, uint32_t look)
{
    (void)wire;
    (void)look;
}

size_t os_wire_armed(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

size_t os_wire_missed(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

size_t os_wire_room(const struct os_wire *wire)
{
    (void)wire;
    return 0;
}

void os_wire_disarm(struct os_wire *wire)
{
    (void)wire;
}

void os_wire_close(struct os_wire *wire)
{
    (void)wire;
}

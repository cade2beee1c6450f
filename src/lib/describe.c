#include "lib/describe.h"

static void describe_route(enum route route, struct sink *sink)
{
    sink_text(sink, "{\"route\":");
    sink_json_string(sink, route_info(route)->name);
    sink_text(sink, ",\"blind_to\":");
    sink_json_string(sink, route_info(route)->blind_to);
    sink_text(sink, "}");
}

/* Reads all three as of one moment: the keeper may be replacing the sentinel. */
static uint32_t read_all(const struct treefall *guard, int32_t *sentinel, uint32_t *lost)
{
    uint32_t armed;
    do {
        *lost = guard->lost;
        *sentinel = guard->sentinel_pid;
        armed = guard->armed;
    } while (*lost != guard->lost || (armed != 0 && *sentinel == 0));
    return armed;
}

void describe_guarantee(const struct treefall *guard, struct sink *sink)
{
    int32_t sentinel;
    uint32_t lost;
    uint32_t armed = read_all(guard, &sentinel, &lost);
    bool first = true;
    sink_text(sink, armed ? "{\"armed\":true,\"sentinel\":" : "{\"armed\":false,\"sentinel\":");
    sink_number(sink, armed ? sentinel : 0);
    sink_text(sink, ",\"lost\":");
    sink_number(sink, lost);
    sink_text(sink, armed && guard->confined ? ",\"confined\":true" : ",\"confined\":false");
    sink_text(sink, ",\"guarantee\":[");
    for (int route = 0; route < ROUTE_COUNT; route++) {
        if (!(armed & 1u << route))
            continue;
        if (!first)
            sink_text(sink, ",");
        describe_route((enum route)route, sink);
        first = false;
    }
    sink_text(sink, "]}");
}

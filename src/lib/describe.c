#include "lib/describe.h"

static void describe_route(enum route route, struct sink *sink)
{
    sink_text(sink, "{\"route\":");
    sink_json_string(sink, route_info(route)->name);
    sink_text(sink, ",\"blind_to\":");
    sink_json_string(sink, route_info(route)->blind_to);
    sink_text(sink, "}");
}

void describe_guarantee(const struct treefall *guard, struct sink *sink)
{
    uint32_t armed = guard->armed;
    bool first = true;
    sink_text(sink, armed ? "{\"armed\":true,\"sentinel\":" : "{\"armed\":false,\"sentinel\":");
    sink_number(sink, guard->sentinel_pid);
    sink_text(sink, ",\"lost\":");
    sink_number(sink, guard->lost);
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

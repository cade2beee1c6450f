/* `treefall tree PID`: shows which processes belong to it, and by which route, drawn by parents. */
#include "base/status.h"
#include "cli/command.h"
#include "cli/output.h"
#include "plan/say.h"
#include "tree/census.h"
#include "tree/target.h"

#include <string.h>

#define DEPTH_MAX 48 /* deeper ones are drawn at this depth */

struct drawing {
    struct output output;
    const struct census *census;
    int32_t pid;
    bool last[DEPTH_MAX]; /* whether the branch at each depth is the last of its parent's */
};

static const char *const state_names[] = {
    [PROCESS_RUNS] = "runs",  [PROCESS_STOPPED] = "stopped", [PROCESS_TRACED] = "traced",
    [PROCESS_DISK] = "waits", [PROCESS_DEAD] = "dead",
};

/* ---- finding ---- */

/* Looking does no harm, so no tree is refused. */
static struct error find(struct scope *scope, int32_t pid, struct target *target)
{
    struct error error = target_find(scope, pid, target);
    if (error.code == ERROR_REFUSED)
        error = os_process_open((struct process_identity){.pid = pid}, &scope->ward);
    else if (error.code == ERROR_DENIED)
        error = ERROR_OK;
    else
        return error;
    target->alive = !error.code;
    scope->protected.list.count = 0;
    protected_add(&scope->protected, os_process_self());
    return error;
}

/* ---- drawing ---- */

static bool is_child(const struct member *child, const struct member *parent)
{
    return child != parent && child->row.ppid == parent->row.id.pid;
}

/* Parents come before their children; NULL = a root. */
static const struct member *parent_of(const struct census *census, const struct member *member)
{
    for (const struct member *at = census->members; at < member; at++)
        if (is_child(member, at))
            return at;
    return NULL;
}

static const struct member *next_child(const struct drawing *drawing, const struct member *parent,
                                       const struct member *after)
{
    const struct member *end = drawing->census->members + drawing->census->member_count;
    for (const struct member *at = after + 1; at < end; at++)
        if (is_child(at, parent))
            return at;
    return NULL;
}

static void draw_branches(struct drawing *drawing, size_t depth)
{
    static const char *const lines[2][4] = {{"|   ", "    ", "|-- ", "`-- "},
                                            {"\xe2\x94\x82   ", "    ",
                                             "\xe2\x94\x9c\xe2\x94\x80\xe2\x94\x80 ",
                                             "\xe2\x94\x94\xe2\x94\x80\xe2\x94\x80 "}};
    const char *const *set = lines[drawing->output.boxes];
    for (size_t i = 1; i <= depth && i < DEPTH_MAX; i++)
        sink_text(&drawing->output.sink,
                  set[(i == depth || i + 1 == DEPTH_MAX ? 2 : 0) + drawing->last[i]]);
}

static void draw_member(struct drawing *drawing, const struct member *member, size_t depth)
{
    struct output *output = &drawing->output;
    const struct process_row *row = &member->row;
    draw_branches(drawing, depth);
    sink_number(&output->sink, row->id.pid);
    sink_text(&output->sink, " ");
    output_text(output, COLOUR_BOLD, row->name);
    sink_text(&output->sink, "  ");
    output_text(output, COLOUR_GREEN, route_info(member->route)->name);
    if (row->state != PROCESS_RUNS) {
        sink_text(&output->sink, " ");
        output_text(output, COLOUR_RED, state_names[row->state]);
    }
    if (depth == 0 && row->id.pid != drawing->pid)
        output_text(output, COLOUR_FAINT, " (an orphan)");
    sink_text(&output->sink, "\n");
}

/* Without recursion: down to the first child, along its siblings, and up again. */
static void draw_under(struct drawing *drawing, const struct member *root)
{
    const struct member *parent = root;
    const struct member *after = root;
    size_t depth = 0;
    draw_member(drawing, root, 0);
    while (parent) {
        const struct member *child = next_child(drawing, parent, after);
        if (child) {
            depth++;
            if (depth < DEPTH_MAX)
                drawing->last[depth] = !next_child(drawing, parent, child);
            draw_member(drawing, child, depth);
            parent = after = child;
        } else {
            after = parent;
            parent = depth > 0 ? parent_of(drawing->census, parent) : NULL;
            depth--;
        }
    }
}

static void draw(struct drawing *drawing)
{
    const struct census *census = drawing->census;
    for (size_t i = 0; i < census->member_count; i++)
        if (!parent_of(census, &census->members[i]))
            draw_under(drawing, &census->members[i]);
}

/* ---- as JSON ---- */

static void write_member(struct sink *sink, const struct member *member)
{
    sink_text(sink, "{\"pid\":");
    sink_number(sink, member->row.id.pid);
    sink_text(sink, ",\"ppid\":");
    sink_number(sink, member->row.ppid);
    sink_text(sink, ",\"name\":");
    sink_json_string(sink, member->row.name);
    sink_text(sink, ",\"route\":");
    sink_json_string(sink, route_info(member->route)->name);
    sink_text(sink, ",\"state\":");
    sink_json_string(sink, state_names[member->row.state]);
    sink_text(sink, "}");
}

static void write_json(struct drawing *drawing, const struct target *target)
{
    struct sink *sink = &drawing->output.sink;
    sink_text(sink, "{\"treefall_tree\":1,\"pid\":");
    sink_number(sink, drawing->pid);
    sink_text(sink, target->alive ? ",\"alive\":true" : ",\"alive\":false");
    sink_text(sink, ",\"unknown\":");
    sink_json_string(sink, target_unknown(target));
    sink_text(sink, ",\"members\":[");
    for (size_t i = 0; i < drawing->census->member_count; i++) {
        sink_text(sink, i > 0 ? ",\n" : "\n");
        write_member(sink, &drawing->census->members[i]);
    }
    sink_text(sink, "]}\n");
}

static int show(const struct tree_settings *settings, const struct target *target,
                const struct census *census)
{
    struct drawing drawing = {.census = census, .pid = settings->pid};
    output_open(&drawing.output);
    if (settings->json) {
        write_json(&drawing, target);
        return output_close(&drawing.output, 0);
    }
    draw(&drawing);
    int status = output_close(&drawing.output, 0);
    if (status == 0 && target_unknown(target))
        say_of_process(settings->pid, target_unknown(target));
    return status;
}

int tree_command(const struct tree_settings *settings)
{
    static struct scope scope;
    struct target target = {0};
    struct census census;
    int status = STATUS_FAILURE;
    scope_init(&scope);
    census_init(&census);
    struct error error = find(&scope, settings->pid, &target);
    if (!error.code)
        error = census_take(&census, &scope);
    if (error.code)
        say_error(&error, NULL);
    else
        status = show(settings, &target, &census);
    census_done(&census);
    scope_done(&scope);
    return status;
}

#include "report/survivors.h"

#include "plan/say.h"

#define LINES_AT_MOST 20

static void say_one(const struct report_line *line)
{
    struct say say;
    say_begin(&say);
    sink_number(&say.sink, line->row.id.pid);
    sink_text(&say.sink, " ");
    sink_escaped(&say.sink, SINK_PLAIN, line->row.name, PROCESS_NAME_BYTES);
    sink_text(&say.sink, " is still alive: ");
    sink_plain_text(&say.sink, line->reason ? line->reason : "it could not be killed");
    say_end(&say);
}

static void say_unseen(const char *what)
{
    struct say say;
    say_begin(&say);
    sink_text(&say.sink, "could not examine ");
    sink_plain_text(&say.sink, what);
    say_end(&say);
}

static void say_more(size_t count)
{
    struct say say;
    say_begin(&say);
    sink_text(&say.sink, "and ");
    sink_number(&say.sink, (int64_t)count);
    sink_text(&say.sink, " more are still alive; use --report FILE to list all");
    say_end(&say);
}

void survivors_say(const struct ledger *ledger)
{
    size_t count = 0;
    for (size_t i = 0; i < ledger->count; i++)
        if (ledger->lines[i].outcome == OUTCOME_SURVIVED && count++ < LINES_AT_MOST)
            say_one(&ledger->lines[i]);
    if (count > LINES_AT_MOST)
        say_more(count - LINES_AT_MOST);
    for (size_t i = 0; i < ledger->unseen_count; i++)
        say_unseen(ledger->unseen[i]);
    if (count + ledger->unseen_count == 0) /* another guard knows which ones */
        say_line("a process of the tree is still alive; use --report FILE to see which and why");
}

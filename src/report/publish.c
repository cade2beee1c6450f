#include "report/publish.h"

#include "plan/settings.h"
#include "version.h"

#include <string.h>

typedef void report_writer(const struct report *report, struct sink *sink);

static const struct {
    const char *ending;
    report_writer *write;
} formats[] = {
    {".json", report_write_json},
    {".txt", report_write_text},
    {".html", report_write_html},
};

struct publication {
    const struct report *report;
    report_writer *write;
};

static report_writer *writer_for(const char *path)
{
    size_t length = strlen(path);
    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        size_t ending = strlen(formats[i].ending);
        if (length > ending && strcmp(path + length - ending, formats[i].ending) == 0)
            return formats[i].write;
    }
    return NULL;
}

static void write_publication(void *context, struct sink *sink)
{
    const struct publication *publication = context;
    publication->write(publication->report, sink);
}

struct error publish_check(const char *path)
{
    if (!writer_for(path))
        return error_make(ERROR_USAGE, 0, "choose the format of the report",
                          "give a file name that ends with " SETTINGS_REPORT_ENDINGS);
    return os_file_writable(path);
}

struct error publish_report(struct report *report, const struct ledger *ledger,
                            const char *const *paths, size_t count, const char **failed)
{
    struct error first = ERROR_OK;
    report->version = TREEFALL_VERSION;
    report->lines = ledger->lines;
    report->line_count = ledger->count;
    report->lines_dropped = ledger->dropped;
    report->unseen = ledger->unseen;
    report->unseen_count = ledger->unseen_count;
    report->rounds = ledger->rounds;
    for (size_t i = 0; i < count; i++) {
        struct publication publication = {report, writer_for(paths[i])};
        struct error error = os_file_replace(paths[i], write_publication, &publication);
        if (!error.code || first.code)
            continue;
        first = error;
        if (failed)
            *failed = paths[i];
    }
    return first;
}

#include "report/chart.h"

#define LABELLED_MAX 30 /* rows; more of them share one outline */
#define AXIS_PX      22
#define ROW_PX       24
#define OUTLINE_PX   320
#define FULL         10000 /* the right edge: hundredths of a percent */
#define LEAST_US     1000
#define TICKS_MAX    INT64_C(5)

struct chart {
    const struct report *report;
    struct sink *sink;
    int64_t full_us; /* at the right edge */
    size_t row;
    size_t rows;
};

/* ---- the scale ------------------------------------------------------------------------------ */

static int64_t latest_us(const struct report *report)
{
    int64_t latest = report_fall_us(report);
    for (size_t i = 0; i < report->line_count; i++)
        if (report_line_us(&report->lines[i]) > latest)
            latest = report_line_us(&report->lines[i]);
    return latest > LEAST_US ? latest : LEAST_US;
}

static int64_t along(const struct chart *chart, int64_t us)
{
    if (chart->full_us < INT64_MAX / FULL)
        return us * FULL / chart->full_us;
    int64_t unit = chart->full_us / FULL;
    return us < chart->full_us ? us / unit : FULL;
}

/* 1, 2 or 5 times a power of ten. */
static int64_t tick_us(int64_t full_us)
{
    int64_t power = 1;
    while (full_us / power > 5 * TICKS_MAX && power < INT64_MAX / 100)
        power *= 10;
    return full_us / power <= TICKS_MAX       ? power
           : full_us / power <= 2 * TICKS_MAX ? 2 * power
                                              : 5 * power;
}

static void put_share(const struct chart *chart, const char *attribute, int64_t us)
{
    int64_t share = along(chart, us);
    sink_text(chart->sink, attribute);
    sink_number(chart->sink, share / 100);
    sink_text(chart->sink, share % 100 < 10 ? ".0" : ".");
    sink_number(chart->sink, share % 100);
    sink_text(chart->sink, "%\"");
}

static void put_tick(const struct chart *chart, int64_t us)
{
    put_share(chart, "<line y2=\"100%\" x1=\"", us);
    put_share(chart, " x2=\"", us);
    sink_text(chart->sink, "/>");
    if (along(chart, us) < FULL * 95 / 100) {
        put_share(chart, "<text class=\"ax\" y=\"12\" dx=\"5\" x=\"", us);
        sink_text(chart->sink, ">");
        report_write_duration(us, chart->sink);
        sink_text(chart->sink, "</text>");
    }
    sink_text(chart->sink, "\n");
}

/* ---- a few processes: a labelled row each ------------------------------------------------- */

static void put_row_label(const struct chart *chart, const struct report_line *line)
{
    struct sink *sink = chart->sink;
    sink_text(sink, "<text x=\"8\" y=\"15\">");
    sink_escaped(sink, SINK_HTML, line->row.name, sizeof line->row.name);
    sink_text(sink, " <tspan class=\"ax\">");
    sink_number(sink, line->row.id.pid);
    sink_text(sink, "</tspan></text><text class=\"ax\" x=\"100%\" dx=\"-6\" y=\"15\" "
                    "text-anchor=\"end\">");
    report_write_signal(line, line->outcome == OUTCOME_GONE ? "gone" : "no signal", sink);
    sink_text(sink, " ");
    report_write_duration(report_line_us(line), sink);
    sink_text(sink, "</text>");
}

static void put_row(struct chart *chart, const struct report_line *line)
{
    int64_t us = report_line_us(line);
    bool survived = line->outcome == OUTCOME_SURVIVED;
    sink_text(chart->sink,
              survived ? "<g class=\"s\" transform=\"translate(0 " : "<g transform=\"translate(0 ");
    sink_unsigned(chart->sink, AXIS_PX + chart->row++ * ROW_PX);
    put_share(chart, ")\"><rect class=\"b\" height=\"20\" width=\"",
              survived ? chart->full_us : us);
    put_share(chart, "/><rect class=\"t\" height=\"20\" width=\"2\" x=\"", us);
    sink_text(chart->sink, "/>");
    put_row_label(chart, line);
    sink_text(chart->sink, "</g>\n");
}

/* ---- many processes: the bars of a group share one outline --------------------------------- */

static void put_outline(struct chart *chart, enum report_outcome group)
{
    struct sink *sink = chart->sink;
    const struct report_line *line = report_next(chart->report, NULL, group);
    if (!line)
        return;
    sink_text(sink, group == OUTCOME_SURVIVED ? "<path class=\"o s\" d=\"M0 "
                                              : "<path class=\"o\" d=\"M0 ");
    sink_unsigned(sink, chart->row);
    for (; line; line = report_next(chart->report, line, group)) {
        int64_t us = group == OUTCOME_SURVIVED ? chart->full_us : report_line_us(line);
        sink_text(sink, "H");
        sink_number(sink, along(chart, us));
        sink_text(sink, "V");
        sink_unsigned(sink, ++chart->row);
    }
    sink_text(sink, "H0\"/>\n");
}

static void put_outlines(struct chart *chart)
{
    struct sink *sink = chart->sink;
    sink_text(sink, "<svg y=\"22\" width=\"100%\" height=\"320\" preserveAspectRatio=\"none\" "
                    "viewBox=\"0 0 10000 ");
    sink_unsigned(sink, chart->rows);
    sink_text(sink, "\">\n");
    put_outline(chart, OUTCOME_SURVIVED);
    put_outline(chart, OUTCOME_FELL);
    sink_text(sink, "</svg>\n");
}

/* ---- the whole ------------------------------------------------------------------------------ */

static void put_rows(struct chart *chart, enum report_outcome group)
{
    for (const struct report_line *line = NULL; (line = report_next(chart->report, line, group));)
        put_row(chart, line);
}

static void put_open(const struct chart *chart, size_t height_px)
{
    sink_text(chart->sink, "<h2>Time line <span>from the trigger to each signal</span></h2>\n"
                           "<svg role=\"img\" aria-label=\"time line\" width=\"100%\" height=\"");
    sink_unsigned(chart->sink, height_px);
    sink_text(chart->sink, "\">\n");
    int64_t step = tick_us(chart->full_us);
    for (int64_t i = 0; i <= chart->full_us / step; i++)
        put_tick(chart, i * step);
}

void report_write_chart(const struct report *report, struct sink *sink)
{
    size_t rows = report_group_count(report, OUTCOME_FELL) + report_count(report, OUTCOME_SURVIVED);
    struct chart chart = {
        .report = report, .sink = sink, .full_us = latest_us(report), .rows = rows};
    if (rows == 0 || report_is_dry(report))
        return;
    put_open(&chart, AXIS_PX + (rows > LABELLED_MAX ? OUTLINE_PX : rows * ROW_PX));
    if (rows > LABELLED_MAX) {
        put_outlines(&chart);
    } else {
        put_rows(&chart, OUTCOME_SURVIVED);
        put_rows(&chart, OUTCOME_FELL);
    }
    sink_text(sink, "</svg>\n");
}

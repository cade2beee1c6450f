#include "report/report.h"

#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

typedef void report_writer(const struct report *report, struct sink *sink);

static char written[1 << 16];

static const char *write_with(report_writer *writer, const struct report *report)
{
    struct sink sink = {.buffer = written, .capacity = sizeof written - 1};
    writer(report, &sink);
    assert_true(sink_finish(&sink));
    written[sink.used] = '\0';
    return written;
}

static void assert_has(const char *text, const char *part)
{
    if (!text || !strstr(text, part))
        fail_msg("\"%s\" is not in:\n%.3000s", part, text ? text : "nothing");
}

static void assert_lacks(const char *text, const char *part)
{
    if (!text || strstr(text, part))
        fail_msg("\"%s\" is in:\n%.3000s", part, text ? text : "nothing");
}

static size_t times(const char *text, const char *part)
{
    size_t count = 0;
    for (; (text = strstr(text, part)); text += strlen(part))
        count++;
    return count;
}

/* ---- reports to write ------------------------------------------------------------------------ */

static struct report_line line_of(int32_t pid, const char *name, enum report_outcome outcome)
{
    bool struck = outcome == OUTCOME_FELL || outcome == OUTCOME_SURVIVED;
    struct report_line line = {
        .row = {.id = {pid, 900}, .uid = 1000},
        .route = ROUTE_BRAND,
        .signal = struck ? 9 : 0,
        .signal_name = struck ? "KILL" : NULL,
        .outcome = outcome,
        .at_us = 1050,
    };
    memcpy(line.row.name, name, strlen(name));
    return line;
}

static struct report report_of(const struct report_line *lines, size_t count)
{
    return (struct report){
        .version = "1.2.3",
        .command = "serve",
        .ward = {41, 899},
        .ward_exited = true,
        .ward_status = 3,
        .exit_status = 3,
        .trigger = TRIGGER_WARD_DEAD,
        .written_by = "wrapper",
        .started_wall_ms = 1000,
        .trigger_wall_ms = 62500,
        .guarded_ms = 61500,
        .fall_us = 4200,
        .rounds = 2,
        .lines = lines,
        .line_count = count,
    };
}

#define EMPTY_HEAD                                                                                 \
    "{\n"                                                                                          \
    "  \"treefall_report\": 1,\n"                                                                  \
    "  \"version\": \"1.2.3\",\n"                                                                  \
    "  \"written_by\": \"wrapper\",\n"                                                             \
    "  \"dry_run\": false,\n"                                                                      \
    "  \"trigger\": \"ward-dead\",\n"                                                              \
    "  \"trigger_sentence\": \"the ward exited\",\n"                                               \
    "  \"trigger_detail\": null,\n"                                                                \
    "  \"ward\": {\"pid\": 41, \"start\": 899, \"command\": \"serve\", \"exited\": true, "         \
    "\"status\": 3},\n"                                                                            \
    "  \"exit_status\": 3,\n"                                                                      \
    "  \"started_at\": \"1970-01-01T00:00:01.000Z\",\n"                                            \
    "  \"started_epoch_ms\": 1000,\n"                                                              \
    "  \"triggered_at\": \"1970-01-01T00:01:02.500Z\",\n"                                          \
    "  \"triggered_epoch_ms\": 62500,\n"                                                           \
    "  \"guarded_ms\": 61500,\n"                                                                   \
    "  \"fall_ms\": 4.200,\n"                                                                      \
    "  \"rounds\": 2,\n"

/* ---- JSON -------------------------------------------------------------------------------------
 */

static void json_of_an_empty_report(void **state)
{
    struct report report = report_of(NULL, 0);
    (void)state;
    assert_string_equal(write_with(report_write_json, &report), EMPTY_HEAD
                        "  \"counts\": {\"fell\": 0, \"gone\": 0, \"kept\": 0, \"survived\": 0, "
                        "\"found\": 0},\n"
                        "  \"lines_dropped\": 0,\n"
                        "  \"unseen\": [],\n"
                        "  \"unwired\": 0,\n"
                        "  \"scratch_left\": null,\n"
                        "  \"guarantee\": [],\n"
                        "  \"survivors\": [],\n"
                        "  \"fallen\": [],\n"
                        "  \"kept\": [],\n"
                        "  \"found\": []\n"
                        "}\n");
}

static void json_of_every_outcome(void **state)
{
    struct report_line lines[] = {
        line_of(42, "a", OUTCOME_FELL), line_of(43, "b", OUTCOME_GONE),
        line_of(44, "c", OUTCOME_KEPT), line_of(45, "d", OUTCOME_SURVIVED),
        line_of(46, "e", OUTCOME_FELL),
    };
    struct report report = report_of(lines, 5);
    (void)state;
    lines[2].reason = "it matches --keep";
    lines[3].reason = "D state";
    lines[4].signal_name = NULL;
    lines[4].at_us = 1000;
    lines[4].row.id.start = UINT64_MAX;
    lines[4].route = ROUTE_SUBREAPER;
    report.lines_dropped = 7;
    report.unseen = (const char *const[]){"a", "b\""};
    report.unseen_count = 2;
    report.scratch_left = "/tmp/\"s";
    report.guarantee.routes[ROUTE_BRAND].armed = true;
    report.guarantee.routes[ROUTE_CGROUP].why_not = "not root";
    assert_string_equal(
        write_with(report_write_json, &report), EMPTY_HEAD
        "  \"counts\": {\"fell\": 2, \"gone\": 1, \"kept\": 1, \"survived\": 1, \"found\": 0},\n"
        "  \"lines_dropped\": 7,\n"
        "  \"unseen\": [\"a\", \"b\\\"\"],\n"
        "  \"unwired\": 0,\n"
        "  \"scratch_left\": \"/tmp/\\\"s\",\n"
        "  \"guarantee\": [\n"
        "    {\"route\": \"cgroup\", \"armed\": false, "
        "\"does\": \"one write kills all members, atomically with respect to fork\", "
        "\"blind_to\": \"a process that a privileged program (PAM, an init) moved to another "
        "cgroup\", \"why_not\": \"not root\"},\n"
        "    {\"route\": \"brand\", \"armed\": true, "
        "\"does\": \"a random number in RLIMIT_LOCKS that children inherit\", "
        "\"blind_to\": \"a process whose limits were raised again with CAP_SYS_RESOURCE (su, sudo, "
        "cron through PAM), or that lowered its own limit of file locks\", \"why_not\": null}\n"
        "  ],\n"
        "  \"survivors\": [\n"
        "    {\"pid\": 45, \"start\": 900, \"name\": \"d\", \"uid\": 1000, \"route\": \"brand\", "
        "\"signal\": \"KILL\", \"outcome\": \"survived\", \"reason\": \"D state\", "
        "\"at_ms\": 1.050}\n"
        "  ],\n"
        "  \"fallen\": [\n"
        "    {\"pid\": 42, \"start\": 900, \"name\": \"a\", \"uid\": 1000, \"route\": \"brand\", "
        "\"signal\": \"KILL\", \"outcome\": \"fell\", \"reason\": null, \"at_ms\": 1.050},\n"
        "    {\"pid\": 43, \"start\": 900, \"name\": \"b\", \"uid\": 1000, \"route\": \"brand\", "
        "\"signal\": null, \"outcome\": \"gone\", \"reason\": null, \"at_ms\": 1.050},\n"
        "    {\"pid\": 46, \"start\": 18446744073709551615, \"name\": \"e\", \"uid\": 1000, "
        "\"route\": \"subreaper\", \"signal\": \"9\", \"outcome\": \"fell\", \"reason\": null, "
        "\"at_ms\": 1}\n"
        "  ],\n"
        "  \"kept\": [\n"
        "    {\"pid\": 44, \"start\": 900, \"name\": \"c\", \"uid\": 1000, \"route\": \"brand\", "
        "\"signal\": null, \"outcome\": \"kept\", \"reason\": \"it matches --keep\", "
        "\"at_ms\": 1.050}\n"
        "  ],\n"
        "  \"found\": []\n"
        "}\n");
}

static void json_says_null_for_what_is_not_known(void **state)
{
    struct report report = {.ward_status = REPORT_STATUS_UNKNOWN, .ward_exited = true};
    (void)state;
    const char *text = write_with(report_write_json, &report);
    assert_has(text, "\"version\": null,\n  \"written_by\": null,");
    assert_has(text, "\"command\": null, \"exited\": true, \"status\": null}");
    assert_has(text, "\"started_at\": null,\n  \"started_epoch_ms\": null,");
    assert_has(text, "\"triggered_at\": null,\n  \"triggered_epoch_ms\": null,");
    report.ward_status = 0;
    report.ward_exited = false;
    assert_has(write_with(report_write_json, &report), "\"exited\": false, \"status\": null}");
}

/* Windows has all 32 bits, and the last of them is a status like any other. */
static void a_status_is_whole_and_unsigned(void **state)
{
    struct report report = report_of(NULL, 0);
    (void)state;
    report.ward_status = 0xFFFFFFFF;
    report.exit_status = 0xC000013A;
    const char *json = write_with(report_write_json, &report);
    assert_has(json, "\"exited\": true, \"status\": 4294967295},");
    assert_has(json, "\"exit_status\": 3221225786,");
    const char *text = write_with(report_write_text, &report);
    assert_has(text, "exited with status 4294967295\n");
    assert_has(text, "treefall  1.2.3, status 3221225786,");
    const char *html = write_with(report_write_html, &report);
    assert_has(html, "exited with status 4294967295</span>");
    assert_has(html, "<dt>Status<dd>3221225786 ");
}

static void json_of_a_dry_run(void **state)
{
    struct report_line line = line_of(42, "a", OUTCOME_FOUND);
    struct report report = report_of(&line, 1);
    (void)state;
    const char *text = write_with(report_write_json, &report);
    assert_has(text, "\"dry_run\": true,");
    assert_has(text, "\"found\": [\n    {\"pid\": 42, ");
    report = report_of(NULL, 0);
    report.dry_run = true;
    assert_has(write_with(report_write_json, &report), "\"dry_run\": true,");
}

static void json_escapes_what_others_named(void **state)
{
    struct report_line line = line_of(42, "q\"\\\n\x1b\xff", OUTCOME_FELL);
    struct report report = report_of(&line, 1);
    (void)state;
    report.command = "sh -c \"\t\"";
    const char *text = write_with(report_write_json, &report);
    assert_has(text, "\"name\": \"q\\\"\\\\\\u000a\\u001b\\ufffd\", ");
    assert_has(text, "\"command\": \"sh -c \\\"\\u0009\\\"\", ");
}

/* A name may fill its array and have no NUL. */
static void names_end_with_their_array(void **state)
{
    struct report_line line = line_of(42, "", OUTCOME_FELL);
    struct report report = report_of(&line, 1);
    (void)state;
    memset(line.row.name, 'n', sizeof line.row.name);
    char name[PROCESS_NAME_BYTES + 3];
    memset(name + 1, 'n', PROCESS_NAME_BYTES);
    name[PROCESS_NAME_BYTES + 2] = '\0';
    name[0] = name[PROCESS_NAME_BYTES + 1] = '"';
    assert_has(write_with(report_write_json, &report), name);
    name[0] = ' ';
    name[PROCESS_NAME_BYTES + 1] = '\n';
    assert_has(write_with(report_write_text, &report), name);
    name[0] = '>';
    name[PROCESS_NAME_BYTES + 1] = '<';
    assert_has(write_with(report_write_html, &report), name);
}

static void extreme_times_stay_numbers(void **state)
{
    struct report_line line = line_of(42, "a", OUTCOME_FELL);
    struct report report = report_of(&line, 1);
    (void)state;
    line.at_us = INT64_MAX;
    report.fall_us = INT64_MIN;
    report.guarded_ms = INT64_MAX;
    const char *text = write_with(report_write_json, &report);
    assert_has(text, "\"at_ms\": 9223372036854775.807}");
    assert_has(text, "\"fall_ms\": 0,");
    assert_has(write_with(report_write_html, &report), "x=\"100.00%\"");
    write_with(report_write_text, &report);
}

/* ---- the headline ------------------------------------------------------------------------------
 */

static const char *headline_of(const struct report *report)
{
    struct sink sink = {.buffer = written, .capacity = sizeof written - 1};
    report_write_headline(report, SINK_PLAIN, &sink);
    assert_true(sink_finish(&sink));
    written[sink.used] = '\0';
    return written;
}

static void headlines(void **state)
{
    struct report_line lines[] = {
        line_of(42, "a", OUTCOME_FELL),
        line_of(43, "b", OUTCOME_GONE),
        line_of(44, "c", OUTCOME_KEPT),
        line_of(45, "d", OUTCOME_SURVIVED),
    };
    struct report report = report_of(lines, 1);
    (void)state;
    assert_string_equal(headline_of(&report),
                        "the tree was killed: the ward exited; 1 process, 4.2 ms, none left");
    report.line_count = 2;
    report.trigger = TRIGGER_ASKED;
    report.trigger_detail = "SIGTERM\ntwice";
    assert_string_equal(headline_of(&report),
                        "the tree was killed: a stop was requested (SIGTERM?twice); "
                        "2 processes, 4.2 ms, none left");
    report.trigger_detail = NULL;
    report.lines_dropped = 10;
    report.fall_us = 0;
    assert_string_equal(headline_of(&report),
                        "the tree was killed: a stop was requested; 12 processes, "
                        "under 1 ms, none left");
    report.lines_dropped = 0;
    report.fall_us = 10040000;
    report.line_count = 3;
    assert_string_equal(headline_of(&report),
                        "the tree was killed: a stop was requested; 2 processes, "
                        "10.0 s, none left except 1 kept");
    report.line_count = 4;
    assert_string_equal(headline_of(&report),
                        "the tree was not killed completely: a stop was requested; "
                        "1 SURVIVED, 2 killed, 10.0 s, 1 kept");
    report.line_count = 0;
    assert_string_equal(headline_of(&report), "no process was left to kill: a stop was requested");
}

static void headlines_of_a_dry_run(void **state)
{
    struct report_line lines[] = {line_of(42, "a", OUTCOME_FOUND), line_of(43, "b", OUTCOME_FOUND)};
    struct report report = report_of(lines, 2);
    (void)state;
    assert_string_equal(headline_of(&report),
                        "dry run: 2 processes would be killed; no process was signalled");
    report.line_count = 0;
    report.dry_run = true;
    assert_string_equal(headline_of(&report),
                        "dry run: nothing would be killed; no process was signalled");
}

static void durations(void **state)
{
    static const struct {
        int64_t us;
        const char *text;
    } cases[] = {
        {0, "0 ms"},
        {1, "0.1 ms"},
        {100, "0.1 ms"},
        {999, "0.9 ms"},
        {1000, "1 ms"},
        {4213, "4.2 ms"},
        {9999, "9.9 ms"},
        {10001, "10 ms"},
        {999999, "999 ms"},
        {1000000, "1.0 s"},
        {59999999, "59.9 s"},
        {60000000, "1 min"},
        {61000000, "1 min 1 s"},
        {3599999999, "59 min 59 s"},
        {3600000000, "1 h"},
        {86399000000, "23 h 59 min"},
        {86400000000, "1 d"},
        {273600000000, "3 d 4 h"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sink sink = {.buffer = written, .capacity = sizeof written - 1};
        report_write_duration(cases[i].us, &sink);
        written[sink.used] = '\0';
        assert_string_equal(written, cases[i].text);
    }
}

/* ---- text -------------------------------------------------------------------------------------
 */

static void text_of_an_empty_report(void **state)
{
    struct report report = report_of(NULL, 0);
    (void)state;
    assert_string_equal(write_with(report_write_text, &report),
                        "no process was left to kill: the ward exited\n"
                        "\n"
                        "  ward      41 serve, exited with status 3\n"
                        "  trigger   ward-dead at 1970-01-01T00:01:02.500Z, after 1 min 1 s on "
                        "guard\n"
                        "  treefall  1.2.3, status 3, written by: wrapper\n"
                        "\n"
                        "guarantee, strongest first\n");
}

static void text_tells_survivors_first(void **state)
{
    struct report_line lines[] = {
        line_of(42, "worker", OUTCOME_FELL),
        line_of(4300000, "b\x1b[2J", OUTCOME_GONE),
        line_of(44, "c", OUTCOME_KEPT),
        line_of(45, "d", OUTCOME_SURVIVED),
    };
    struct report report = report_of(lines, 4);
    (void)state;
    lines[1].route = ROUTE_PARENT_LINK;
    lines[2].reason = "it matches --keep";
    lines[3].reason = "it waits in the kernel";
    lines[3].row.state = PROCESS_DISK;
    report.lines_dropped = 2;
    report.guarantee.routes[ROUTE_WIRE].armed = true;
    report.guarantee.routes[ROUTE_PIDNS].why_not = "not requested";
    assert_string_equal(
        write_with(report_write_text, &report),
        "the tree was not killed completely: the ward exited; 1 SURVIVED, 4 killed, 4.2 ms, 1 "
        "kept\n"
        "\n"
        "SURVIVORS: 1\n"
        "         at      pid  signal  route        name\n"
        "     1.0 ms       45    KILL  brand        d\n"
        "                      why: it waits in the kernel\n"
        "                      do:  look for a hung disk or network mount; when it answers: "
        "treefall kill 45\n"
        "\n"
        "  ward      41 serve, exited with status 3\n"
        "  trigger   ward-dead at 1970-01-01T00:01:02.500Z, after 1 min 1 s on guard\n"
        "  treefall  1.2.3, status 3, written by: wrapper\n"
        "\n"
        "killed: 2\n"
        "         at      pid  signal  route        name\n"
        "     1.0 ms       42    KILL  brand        worker\n"
        "     1.0 ms  4300000       -  parent-link  b?[2J  (gone before its signal)\n"
        "\n"
        "2 more are not listed: no memory or descriptor was left for them\n"
        "\n"
        "kept: 1\n"
        "         at      pid  signal  route        name\n"
        "     1.0 ms       44       -  brand        c\n"
        "                      why: it matches --keep\n"
        "\n"
        "guarantee, strongest first\n"
        "  -      pidns        the kernel kills the whole pid namespace\n"
        "                      not armed: not requested\n"
        "  armed  wire         the kernel kills the tree when the last guard dies\n"
        "                      misses: a process group created since the last scan\n");
}

static void text_of_a_dry_run(void **state)
{
    struct report_line line = line_of(42, "a", OUTCOME_FOUND);
    struct report report = report_of(&line, 1);
    (void)state;
    report.ward_status = REPORT_STATUS_UNKNOWN;
    report.trigger_wall_ms = report.guarded_ms = 0;
    report.command = NULL;
    const char *text = write_with(report_write_text, &report);
    assert_has(
        text,
        "dry run: 1 process would be killed; no process was signalled\n\n  ward      41, exited\n"
        "  trigger   ward-dead\n");
    assert_has(text, "\nwould be killed: 1\n");
    report.ward_exited = false;
    report.command = NULL;
    assert_has(write_with(report_write_text, &report), "  ward      41, not seen to exit\n");
}

static void advice_fits_the_survivor(void **state)
{
    struct report_line line = line_of(45, "d", OUTCOME_SURVIVED);
    (void)state;
    assert_has(report_advice(&line), "still there");
    line.signal = 0;
    assert_has(report_advice(&line), "administrator");
    line.row.state = PROCESS_TRACED;
    assert_has(report_advice(&line), "debugger");
    line.row.state = PROCESS_DISK;
    assert_has(report_advice(&line), "hung disk");
}

/* ---- HTML -------------------------------------------------------------------------------------
 */

/* Only what a page may hold that is opened from anywhere: no address, no script. */
static void assert_self_contained(const char *html)
{
    static const char *const barred[] = {"http:",   "https:",  "src=",  "href=", "url(",
                                         "@import", "<script", "<link", "<img",  "javascript:"};
    for (size_t i = 0; i < sizeof barred / sizeof *barred; i++)
        assert_lacks(html, barred[i]);
    assert_has(html, "default-src 'none'");
    assert_int_equal(times(html, "<svg"), times(html, "</svg>"));
    assert_int_equal(times(html, "<table>"), times(html, "</table>"));
    assert_true(strncmp(html, "<!doctype html>\n", 16) == 0);
    assert_string_equal(html + strlen(html) - 16, "</body>\n</html>\n");
}

static void html_of_an_empty_report(void **state)
{
    struct report report = report_of(NULL, 0);
    (void)state;
    const char *html = write_with(report_write_html, &report);
    assert_self_contained(html);
    assert_has(html, "<title>treefall: no process was left to kill: the ward exited</title>");
    assert_has(html, "<h1>no process was left to kill: the ward exited</h1>");
    assert_string_equal(
        strstr(html, "<body>"),
        "<body>\n"
        "<h1>no process was left to kill: the ward exited</h1>\n"
        "<dl>\n"
        "<dt>Ward<dd><code>serve</code> <span class=\"soft\">pid 41, exited with status "
        "3</span>\n"
        "<dt>Trigger<dd>ward-dead\n"
        "<dt>Started<dd>1970-01-01T00:00:01.000Z\n"
        "<dt>Triggered<dd>1970-01-01T00:01:02.500Z\n"
        "<dt>Guarded for<dd>1 min 1 s\n"
        "<dt>Status<dd>3 <span class=\"soft\">of treefall</span>\n"
        "</dl>\n"
        "<h2>Guarantee <span>strongest first</span></h2>\n"
        "<table>\n"
        "<tbody>\n"
        "</table>\n"
        "<footer>treefall 1.2.3, written by: wrapper</footer>\n"
        "</body>\n"
        "</html>\n");
}

static void html_of_a_fall(void **state)
{
    struct report_line lines[] = {
        line_of(42, "a", OUTCOME_FELL),
        line_of(43, "b", OUTCOME_GONE),
        line_of(44, "c", OUTCOME_KEPT),
    };
    struct report report = report_of(lines, 3);
    (void)state;
    lines[2].reason = "it matches --keep";
    report.guarantee.routes[ROUTE_BRAND].armed = true;
    report.guarantee.routes[ROUTE_CGROUP].why_not = "not <root>";
    const char *html = write_with(report_write_html, &report);
    assert_self_contained(html);
    assert_string_equal(
        strstr(html, "<body>"),
        "<body>\n"
        "<h1>the tree was killed: the ward exited; 2 processes, 4.2 ms, none left except 1 "
        "kept</h1>\n"
        "<dl>\n"
        "<dt>Ward<dd><code>serve</code> <span class=\"soft\">pid 41, exited with status "
        "3</span>\n"
        "<dt>Trigger<dd>ward-dead\n"
        "<dt>Started<dd>1970-01-01T00:00:01.000Z\n"
        "<dt>Triggered<dd>1970-01-01T00:01:02.500Z\n"
        "<dt>Guarded for<dd>1 min 1 s\n"
        "<dt>Status<dd>3 <span class=\"soft\">of treefall</span>\n"
        "</dl>\n"
        "<h2>Time line <span>from the trigger to each signal</span></h2>\n"
        "<svg role=\"img\" aria-label=\"time line\" width=\"100%\" height=\"70\">\n"
        "<line y2=\"100%\" x1=\"0.00%\" x2=\"0.00%\"/><text class=\"ax\" y=\"12\" dx=\"5\" "
        "x=\"0.00%\">0 ms</text>\n"
        "<line y2=\"100%\" x1=\"23.80%\" x2=\"23.80%\"/><text class=\"ax\" y=\"12\" dx=\"5\" "
        "x=\"23.80%\">1 ms</text>\n"
        "<line y2=\"100%\" x1=\"47.61%\" x2=\"47.61%\"/><text class=\"ax\" y=\"12\" dx=\"5\" "
        "x=\"47.61%\">2 ms</text>\n"
        "<line y2=\"100%\" x1=\"71.42%\" x2=\"71.42%\"/><text class=\"ax\" y=\"12\" dx=\"5\" "
        "x=\"71.42%\">3 ms</text>\n"
        "<line y2=\"100%\" x1=\"95.23%\" x2=\"95.23%\"/>\n"
        "<g transform=\"translate(0 22)\"><rect class=\"b\" height=\"20\" "
        "width=\"25.00%\"/><rect class=\"t\" height=\"20\" width=\"2\" x=\"25.00%\"/><text "
        "x=\"8\" y=\"15\">a <tspan class=\"ax\">42</tspan></text><text class=\"ax\" "
        "x=\"100%\" dx=\"-6\" y=\"15\" text-anchor=\"end\">KILL 1.0 ms</text></g>\n"
        "<g transform=\"translate(0 46)\"><rect class=\"b\" height=\"20\" "
        "width=\"25.00%\"/><rect class=\"t\" height=\"20\" width=\"2\" x=\"25.00%\"/><text "
        "x=\"8\" y=\"15\">b <tspan class=\"ax\">43</tspan></text><text class=\"ax\" "
        "x=\"100%\" dx=\"-6\" y=\"15\" text-anchor=\"end\">gone 1.0 ms</text></g>\n"
        "</svg>\n"
        "<h2>Killed <span>2</span></h2>\n"
        "<table>\n"
        "<thead><tr><th class=\"n\">at<th class=\"n\">pid<th>signal<th>route<th "
        "style=\"width:60%\">name\n"
        "<tbody>\n"
        "<tr><td class=\"n\">1.0 ms<td class=\"n\">42<td>KILL<td>brand<td><code>a</code>\n"
        "<tr><td class=\"n\">1.0 ms<td class=\"n\">43<td>&ndash;<td>brand<td><code>b</code> "
        "<span class=\"soft\">gone before its signal</span>\n"
        "</table>\n"
        "<h2>Kept <span>1</span></h2>\n"
        "<table>\n"
        "<thead><tr><th class=\"n\">at<th class=\"n\">pid<th>signal<th>route<th "
        "style=\"width:60%\">name\n"
        "<tbody>\n"
        "<tr><td class=\"n\">1.0 ms<td "
        "class=\"n\">44<td>&ndash;<td>brand<td><code>c</code><br><span class=\"soft\">it "
        "matches --keep</span>\n"
        "</table>\n"
        "<h2>Guarantee <span>strongest first</span></h2>\n"
        "<table>\n"
        "<tbody>\n"
        "<tr class=\"off\"><td>&ndash;<td>cgroup<td>one write kills all members, atomically with "
        "respect "
        "to fork<br><span class=\"soft\">Not armed: not &lt;root&gt;</span>\n"
        "<tr><td class=\"on\">armed<td>brand<td>a random number in RLIMIT_LOCKS that children "
        "inherit<br><span "
        "class=\"soft\">Misses: a process whose limits were raised again with "
        "CAP_SYS_RESOURCE (su, sudo, cron through PAM), or that lowered its own limit of file "
        "locks</span>\n"
        "</table>\n"
        "<footer>treefall 1.2.3, written by: wrapper</footer>\n"
        "</body>\n"
        "</html>\n");
}

/* From the trigger at the left to 4.2 ms at the right: 1.05 ms is a quarter. Kept ones have no
 * signal, and no bar. */
static void html_time_line(void **state)
{
    struct report_line lines[] = {
        line_of(42, "a", OUTCOME_FELL),
        line_of(44, "c", OUTCOME_KEPT),
        line_of(45, "d", OUTCOME_SURVIVED),
    };
    struct report report = report_of(lines, 3);
    (void)state;
    const char *html = write_with(report_write_html, &report);
    assert_self_contained(html);
    assert_has(html, "<g class=\"s\" transform=\"translate(0 22)\"><rect class=\"b\" height=\"20\" "
                     "width=\"100.00%\"/><rect class=\"t\" height=\"20\" width=\"2\" "
                     "x=\"25.00%\"/>");
    assert_has(html, "<g transform=\"translate(0 46)\"><rect class=\"b\" height=\"20\" "
                     "width=\"25.00%\"/><rect class=\"t\" height=\"20\" width=\"2\" "
                     "x=\"25.00%\"/>");
    assert_int_equal(times(html, "<g "), 2);
}

static void html_shows_survivors_before_all(void **state)
{
    struct report_line line = line_of(45, "d", OUTCOME_SURVIVED);
    struct report report = report_of(&line, 1);
    (void)state;
    line.reason = "its <reason>";
    const char *html = write_with(report_write_html, &report);
    const char *survivors = strstr(html, "<section class=\"survivors\">");
    assert_has(html, "<h1 class=\"bad\">the tree was not killed completely");
    assert_non_null(survivors);
    assert_true(survivors < strstr(html, "<dl>"));
    assert_has(html, "</table>\n</section>\n<dl>");
    assert_has(html, "its &lt;reason&gt;</span><br>What to do: see whether it is still there: "
                     "treefall kill --dry-run 45\n");
}

static void html_of_many_is_one_outline(void **state)
{
    static struct report_line lines[40];
    for (int i = 0; i < 40; i++) {
        lines[i] = line_of(100 + i, "w", i == 7 ? OUTCOME_SURVIVED : OUTCOME_FELL);
        lines[i].at_us = i * 1000;
    }
    struct report report = report_of(lines, 40);
    (void)state;
    report.fall_us = 40000;
    const char *html = write_with(report_write_html, &report);
    assert_self_contained(html);
    assert_has(html, "viewBox=\"0 0 10000 40\">\n<path class=\"o s\" d=\"M0 0H10000V1H0\"/>\n"
                     "<path class=\"o\" d=\"M0 1H0V2H250V3H500V4");
    assert_has(html, "H9750V40H0\"/>\n</svg>\n</svg>\n");
    assert_int_equal(times(html, "<path"), 2);
    assert_int_equal(times(html, "<g "), 0);
    assert_int_equal(times(html, "<code>w</code>"), 40);
}

static void html_labels_up_to_thirty(void **state)
{
    static struct report_line lines[31];
    for (int i = 0; i < 31; i++)
        lines[i] = line_of(100 + i, "w", OUTCOME_FELL);
    struct report report = report_of(lines, 30);
    (void)state;
    const char *html = write_with(report_write_html, &report);
    assert_int_equal(times(html, "<g "), 30);
    assert_has(html, "width=\"100%\" height=\"742\">");
    report.line_count = 31;
    html = write_with(report_write_html, &report);
    assert_int_equal(times(html, "<g "), 0);
    assert_has(html, "width=\"100%\" height=\"342\">");
}

/* Steps of 1, 2 or 5, at most five of them to the right edge. */
static void html_ticks(void **state)
{
    static const struct {
        int64_t fall_ms;
        size_t lines;
        const char *second;
    } cases[] = {
        {0, 6, "x=\"20.00%\">0.2 ms<"},     {5, 6, "x=\"20.00%\">1 ms<"},
        {6, 4, "x=\"33.33%\">2 ms<"},       {10, 6, "x=\"20.00%\">2 ms<"},
        {11, 3, "x=\"45.45%\">5 ms<"},      {25, 6, "x=\"20.00%\">5 ms<"},
        {26, 3, "x=\"38.46%\">10 ms<"},     {10010, 6, "x=\"19.98%\">2.0 s<"},
        {48000, 5, "x=\"20.83%\">10.0 s<"}, {9000000, 5, "x=\"22.22%\">33 min 20 s<"},
    };
    struct report_line line = line_of(42, "a", OUTCOME_FELL);
    struct report report = report_of(&line, 1);
    (void)state;
    line.at_us = 0;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        report.fall_us = cases[i].fall_ms * 1000;
        const char *html = write_with(report_write_html, &report);
        assert_has(html, cases[i].second);
        assert_int_equal(times(html, "<line "), cases[i].lines);
    }
}

static void html_of_a_dry_run_has_no_time_line(void **state)
{
    struct report_line lines[] = {line_of(42, "a", OUTCOME_FOUND), line_of(43, "b", OUTCOME_GONE)};
    struct report report = report_of(lines, 2);
    (void)state;
    const char *html = write_with(report_write_html, &report);
    assert_lacks(html, "<svg");
    assert_has(html, "<h2>Would be killed <span>1</span></h2>");
}

static void html_leaves_out_what_is_not_known(void **state)
{
    struct report report = {.version = "1.2.3", .ward_exited = true, .lines_dropped = 4};
    (void)state;
    report.ward_status = REPORT_STATUS_UNKNOWN;
    const char *html = write_with(report_write_html, &report);
    const char *facts = "<dl>\n<dt>Ward<dd><span class=\"soft\">pid 0, exited</span>\n"
                        "<dt>Trigger<dd>none\n<dt>Status<dd>0 ";
    assert_has(html, facts);
    assert_has(html, ">4 more are not listed: no memory or descriptor was left for them.</p>");
    assert_has(html, "<footer>treefall 1.2.3</footer>");
    report.command = "";
    assert_has(write_with(report_write_html, &report), facts);
    report.ward_exited = false;
    assert_has(write_with(report_write_html, &report), "pid 0, not seen to exit</span>");
    report.ward_status = 0;
    assert_has(write_with(report_write_html, &report), "pid 0, not seen to exit</span>");
}

static void html_escapes_what_others_named(void **state)
{
    struct report_line line = line_of(42, "</td><b>&\"'\x07\xff", OUTCOME_FELL);
    struct report report = report_of(&line, 1);
    (void)state;
    report.command = "<i>";
    report.trigger_detail = "<u>";
    report.version = "<s>";
    report.written_by = "<q>";
    const char *html = write_with(report_write_html, &report);
    assert_self_contained(html);
    assert_int_equal(times(html, "&lt;/td&gt;&lt;b&gt;&amp;&quot;&#39;\xef\xbf\xbd\xef\xbf\xbd"),
                     2);
    assert_int_equal(times(html, "&lt;u&gt;"), 2);
    assert_has(html, "<code>&lt;i&gt;</code>");
    assert_has(html, "treefall &lt;s&gt;, written by: &lt;q&gt;</footer>");
    assert_lacks(html, "<b>");
    assert_lacks(html, "<u>");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(json_of_an_empty_report),
        cmocka_unit_test(json_of_every_outcome),
        cmocka_unit_test(json_says_null_for_what_is_not_known),
        cmocka_unit_test(a_status_is_whole_and_unsigned),
        cmocka_unit_test(json_of_a_dry_run),
        cmocka_unit_test(json_escapes_what_others_named),
        cmocka_unit_test(names_end_with_their_array),
        cmocka_unit_test(extreme_times_stay_numbers),
        cmocka_unit_test(headlines),
        cmocka_unit_test(headlines_of_a_dry_run),
        cmocka_unit_test(durations),
        cmocka_unit_test(text_of_an_empty_report),
        cmocka_unit_test(text_tells_survivors_first),
        cmocka_unit_test(text_of_a_dry_run),
        cmocka_unit_test(advice_fits_the_survivor),
        cmocka_unit_test(html_of_an_empty_report),
        cmocka_unit_test(html_of_a_fall),
        cmocka_unit_test(html_time_line),
        cmocka_unit_test(html_shows_survivors_before_all),
        cmocka_unit_test(html_of_many_is_one_outline),
        cmocka_unit_test(html_labels_up_to_thirty),
        cmocka_unit_test(html_ticks),
        cmocka_unit_test(html_of_a_dry_run_has_no_time_line),
        cmocka_unit_test(html_leaves_out_what_is_not_known),
        cmocka_unit_test(html_escapes_what_others_named),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}

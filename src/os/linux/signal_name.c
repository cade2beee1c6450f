#include "os/signal_name.h"
#include "base/text.h"

#include <signal.h>
#include <string.h>
#include <strings.h>

static const struct {
    int number;
    const char *name;
} signals[] = {
    {SIGHUP, "HUP"},
    {SIGINT, "INT"},
    {SIGQUIT, "QUIT"},
    {SIGILL, "ILL"},
    {SIGTRAP, "TRAP"},
    {SIGABRT, "ABRT"},
    {SIGBUS, "BUS"},
    {SIGFPE, "FPE"},
    {SIGKILL, "KILL"},
    {SIGUSR1, "USR1"},
    {SIGSEGV, "SEGV"},
    {SIGUSR2, "USR2"},
    {SIGPIPE, "PIPE"},
    {SIGALRM, "ALRM"},
    {SIGTERM, "TERM"},
    {SIGSTKFLT, "STKFLT"},
    {SIGCHLD, "CHLD"},
    {SIGCONT, "CONT"},
    {SIGSTOP, "STOP"},
    {SIGTSTP, "TSTP"},
    {SIGTTIN, "TTIN"},
    {SIGTTOU, "TTOU"},
    {SIGURG, "URG"},
    {SIGXCPU, "XCPU"},
    {SIGXFSZ, "XFSZ"},
    {SIGVTALRM, "VTALRM"},
    {SIGPROF, "PROF"},
    {SIGWINCH, "WINCH"},
    {SIGIO, "IO"},
    {SIGPWR, "PWR"},
    {SIGSYS, "SYS"},
    /* other names of the same signals, found by name only */
    {SIGIO, "POLL"},
    {SIGABRT, "IOT"},
    {SIGCHLD, "CLD"},
};
#define SIGNAL_COUNT (sizeof signals / sizeof *signals)

static const char *const realtime[] = {
    "RTMIN",    "RTMIN+1",  "RTMIN+2",  "RTMIN+3",  "RTMIN+4",  "RTMIN+5",  "RTMIN+6",  "RTMIN+7",
    "RTMIN+8",  "RTMIN+9",  "RTMIN+10", "RTMIN+11", "RTMIN+12", "RTMIN+13", "RTMIN+14", "RTMIN+15",
    "RTMIN+16", "RTMIN+17", "RTMIN+18", "RTMIN+19", "RTMIN+20", "RTMIN+21", "RTMIN+22", "RTMIN+23",
    "RTMIN+24", "RTMIN+25", "RTMIN+26", "RTMIN+27", "RTMIN+28", "RTMIN+29", "RTMIN+30",
};
#define REALTIME_COUNT ((int)(sizeof realtime / sizeof *realtime))

/* One to three digits and nothing else; otherwise -1. */
static int small_number(const char *text, size_t length)
{
    uint64_t number = 0;
    return length <= 3 && text_to_number(text, length, &number) ? (int)number : -1;
}

static bool starts_with(const char *text, size_t length, const char *start)
{
    return length >= strlen(start) && strncasecmp(text, start, strlen(start)) == 0;
}

/* The C library keeps the first few for itself, so RTMIN is only known at run time. */
static int realtime_by_name(const char *text, size_t length)
{
    bool from_top = starts_with(text, length, "RTMAX");
    if (!from_top && !starts_with(text, length, "RTMIN"))
        return -1;
    int base = from_top ? SIGRTMAX : SIGRTMIN;
    if (length == 5)
        return base;
    int step = small_number(text + 6, length - 6);
    if (step < 0 || text[5] != (from_top ? '-' : '+') || step > SIGRTMAX - SIGRTMIN)
        return -1;
    return from_top ? base - step : base + step;
}

static int classic_by_name(const char *text, size_t length)
{
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (strlen(signals[i].name) == length && strncasecmp(signals[i].name, text, length) == 0)
            return signals[i].number;
    return -1;
}

bool signal_by_name(const char *text, size_t length, int *out)
{
    int number = small_number(text, length);
    if (number < 0 && starts_with(text, length, "SIG")) {
        text += 3;
        length -= 3;
    }
    if (number < 0)
        number = realtime_by_name(text, length);
    if (number < 0)
        number = classic_by_name(text, length);
    if (!signal_name(number))
        return false;
    *out = number;
    return true;
}

const char *signal_name(int number)
{
    int step = number - SIGRTMIN;
    if (step >= 0 && number <= SIGRTMAX && step < REALTIME_COUNT)
        return realtime[step];
    for (size_t i = 0; i < SIGNAL_COUNT; i++)
        if (signals[i].number == number)
            return signals[i].name;
    return NULL;
}

const char *signal_forms(void)
{
    return "TERM, SIGTERM, 15 or RTMIN+3";
}

#include "os/signal_name.h"
#include "base/text.h"

#include <string.h>

/* The signals that a strike may use here, with the C library's numbers. */
static const struct {
    const char *name;
    int number;
} names[] = {{"INT", 2}, {"KILL", 9}, {"TERM", 15}, {"BREAK", 21}};

#define NAME_COUNT (sizeof names / sizeof *names)

const char *signal_name(int number)
{
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (names[i].number == number)
            return names[i].name;
    return NULL;
}

const char *signal_forms(void)
{
    return "TERM, INT, BREAK or KILL";
}

static int by_number(const char *text, size_t length)
{
    uint64_t number = 0;
    bool is_one = text_to_number(text, length, &number) && number < 100 && signal_name((int)number);
    return is_one ? (int)number : -1;
}

bool signal_by_name(const char *text, size_t length, int *out)
{
    int number = by_number(text, length);
    if (length >= 3 && _strnicmp(text, "SIG", 3) == 0) {
        text += 3;
        length -= 3;
    }
    for (size_t i = 0; i < NAME_COUNT; i++)
        if (strlen(names[i].name) == length && _strnicmp(names[i].name, text, length) == 0)
            number = names[i].number;
    if (number < 0)
        return false;
    *out = number;
    return true;
}

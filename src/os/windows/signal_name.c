#include "core/signal_name.h"

#include <stddef.h>

/* What a strike may be asked for here. */
const char *signal_name(int number)
{
    switch (number) {
    case 2:
        return "INT";
    case 9:
        return "KILL";
    case 15:
        return "TERM";
    default:
        return NULL;
    }
}

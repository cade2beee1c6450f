/* There is no way to wait for the end of standard input. */
#include "os/input.h"

#include "os/none/absent.h"

bool os_has_input_end(void)
{
    return false;
}

struct error os_input_watch(os_handle *out)
{
    (void)out;
    return absent("watch standard input for end of input");
}

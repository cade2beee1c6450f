#include "cli/command.h"
#include "run/wrapper.h"

int run_command(const struct run_settings *settings)
{
    return run_supervise(settings);
}

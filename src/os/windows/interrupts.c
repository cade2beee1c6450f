#include "os/windows/win.h"

void os_interrupts_ignore(bool deaf)
{
    SetConsoleCtrlHandler(NULL, deaf);
}

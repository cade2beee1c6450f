/* What the Windows programs of the tests share: who one is, and lines that say so. */
#ifndef WARD_H
#define WARD_H

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <windows.h>

/* Wine runs our instructions on Linux: this call asks the kernel itself. On a real Windows there is
 * no such number, and 0 stands for it. */
static inline unsigned long linux_pid(void)
{
    long pid = 0;
    if (GetProcAddress(GetModuleHandleA("ntdll.dll"), "wine_get_version"))
        __asm__ volatile("syscall" : "=a"(pid) : "a"(39L) : "rcx", "r11", "memory");
    return (unsigned long)pid;
}

/* The first answer stays: attaching to a console may put the console in the place of a pipe. */
static inline HANDLE output(void)
{
    static HANDLE first;
    if (!first)
        first = GetStdHandle(STD_OUTPUT_HANDLE);
    return first;
}

/* One line, in one write: lines of several processes do not mix in a pipe. */
static inline void say(const char *format, ...)
{
    char line[512];
    DWORD written;
    va_list words;
    va_start(words, format);
    int length = vsnprintf(line, sizeof line - 1, format, words);
    va_end(words);
    line[length++] = '\n';
    WriteFile(output(), line, (DWORD)length, &written, NULL);
}

static inline void die(const char *what)
{
    say("failed %s %lu", what, GetLastError());
    ExitProcess(99);
}

/* `NAME WINDOWS-PID LINUX-PID` */
static inline void report(const char *name)
{
    say("%s %lu %lu", name, GetCurrentProcessId(), linux_pid());
}

static inline void linger(const char *name)
{
    report(name);
    for (;;)
        Sleep(INFINITE);
}

#endif

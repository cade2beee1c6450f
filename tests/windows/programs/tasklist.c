/* tasklist /nh /fo csv [/fi "imagename eq NAME"], as Windows prints it: that of Wine 8 says
 * nothing. */
#include <windows.h>

#include <stdio.h>
#include <string.h>
#include <tlhelp32.h>

static const char *name_asked(int argc, char **argv)
{
    static const char filter[] = "imagename eq ";
    for (int i = 1; i + 1 < argc; i++)
        if (strcmp(argv[i], "/fi") == 0 && strncmp(argv[i + 1], filter, sizeof filter - 1) == 0)
            return argv[i + 1] + sizeof filter - 1;
    return NULL;
}

int main(int argc, char **argv)
{
    const char *name = name_asked(argc, argv);
    PROCESSENTRY32 entry = {.dwSize = sizeof entry};
    HANDLE table = CreateToolhelp32Snapshot(TH32CS_SNAPPROCESS, 0);
    int count = 0;
    for (BOOL more = Process32First(table, &entry); more; more = Process32Next(table, &entry)) {
        if (name && _stricmp(entry.szExeFile, name) != 0)
            continue;
        printf("\"%s\",\"%lu\",\"Console\",\"1\",\"4,000 K\"\n", entry.szExeFile,
               entry.th32ProcessID);
        count++;
    }
    if (count == 0)
        printf("INFO: No tasks are running which match the specified criteria.\n");
    return 0;
}

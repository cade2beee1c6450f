/* Whether an object belongs to this user alone. */
#ifndef TREEFALL_OS_WINDOWS_OWNER_H
#define TREEFALL_OS_WINDOWS_OWNER_H

#include "os/windows/win.h"

/* ERROR_UNSAFE if the folder is another user's, or if others than the system may change it. */
struct error owner_check(HANDLE folder, const char *what);
/* For an object that only this user may access. It names the user and not the owner: an elevated
 * process's owner is all administrators, and its sentinel need not be one. `inheritance` is L"", or
 * L"OICI" for objects made inside as well. Free with LocalFree; NULL = failed. */
PSECURITY_DESCRIPTOR owner_security(const wchar_t *inheritance);

#endif

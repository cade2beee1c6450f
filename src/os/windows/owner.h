/* Whose an object is: this user's alone, or not. */
#ifndef TREEFALL_OS_WINDOWS_OWNER_H
#define TREEFALL_OS_WINDOWS_OWNER_H

#include "os/windows/win.h"

/* ERROR_UNSAFE when the folder is another user's, or others than the system may change it. */
struct error owner_check(HANDLE folder, const char *what);
/* For what is to be this user's alone. Not the owner's: an elevated process's owner is all
 * administrators, which its sentinel need not be. `inheritance` is L"", or L"OICI": so is what is
 * made in it. LocalFree it; NULL = failed. */
PSECURITY_DESCRIPTOR owner_security(const wchar_t *inheritance);

#endif

#include "os/windows/owner.h"

#include <aclapi.h>
#include <sddl.h>
#include <stdio.h>

#define CHANGES                                                                                    \
    (FILE_WRITE_DATA | FILE_APPEND_DATA | FILE_DELETE_CHILD | DELETE | WRITE_DAC | WRITE_OWNER |   \
     GENERIC_WRITE | GENERIC_ALL)
#define TEXT_CHARS 256

static bool is_well_known(PSID sid, WELL_KNOWN_SID_TYPE type)
{
    return IsWellKnownSid(sid, type);
}

/* The system and the administrators, who can do everything anyway, and the placeholder for the
 * owner of a new object. */
static bool is_system(PSID sid)
{
    return is_well_known(sid, WinLocalSystemSid) ||
           is_well_known(sid, WinBuiltinAdministratorsSid) ||
           is_well_known(sid, WinCreatorOwnerSid) || is_well_known(sid, WinCreatorOwnerRightsSid);
}

union user {
    TOKEN_USER user;
    char bytes[256];
};

static bool read_user(union user *out)
{
    HANDLE token;
    DWORD size;
    if (!OpenProcessToken(GetCurrentProcess(), TOKEN_QUERY, &token))
        return false;
    bool read = GetTokenInformation(token, TokenUser, out, sizeof *out, &size);
    CloseHandle(token);
    return read;
}

static bool is_private(PACL list, PSID user)
{
    for (DWORD i = 0; list && i < list->AceCount; i++) {
        ACCESS_ALLOWED_ACE *entry;
        if (!GetAce(list, i, (void **)&entry))
            return false;
        if (entry->Header.AceType == ACCESS_DENIED_ACE_TYPE || !(entry->Mask & CHANGES))
            continue;
        PSID sid = (PSID)&entry->SidStart;
        if (entry->Header.AceType != ACCESS_ALLOWED_ACE_TYPE ||
            !(EqualSid(sid, user) || is_system(sid)))
            return false;
    }
    return list != NULL; /* without a list, every user may do everything */
}

struct error owner_check(HANDLE folder, const char *what)
{
    union user user;
    PSID owner = NULL;
    PACL list = NULL;
    PSECURITY_DESCRIPTOR security = NULL;
    DWORD code = GetSecurityInfo(folder, SE_FILE_OBJECT,
                                 OWNER_SECURITY_INFORMATION | DACL_SECURITY_INFORMATION, &owner,
                                 NULL, &list, NULL, &security);
    struct error error = ERROR_OK;
    if (code != ERROR_SUCCESS || !read_user(&user))
        error = error_make(ERROR_SYSTEM, (int)code, what, NULL);
    else if (!EqualSid(owner, user.user.User.Sid) && !is_system(owner))
        error = error_make(ERROR_UNSAFE, 0, what, "give a folder of your own");
    else if (!is_private(list, user.user.User.Sid))
        error = error_make(ERROR_UNSAFE, 0, what, "give a folder that no other user may write to");
    LocalFree(security);
    return error;
}

PSECURITY_DESCRIPTOR owner_security(const wchar_t *inheritance)
{
    union user own;
    wchar_t text[TEXT_CHARS];
    wchar_t *sid = NULL;
    PSECURITY_DESCRIPTOR security = NULL;
    if (read_user(&own) && ConvertSidToStringSidW(own.user.User.Sid, &sid) &&
        swprintf(text, TEXT_CHARS, L"D:P(A;%ls;GA;;;%ls)", inheritance, sid) > 0)
        ConvertStringSecurityDescriptorToSecurityDescriptorW(text, SDDL_REVISION_1, &security,
                                                             NULL);
    LocalFree(sid);
    return security;
}

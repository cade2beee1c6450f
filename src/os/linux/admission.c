#include "os/linux/admission.h"

#include "os/beat_file.h"
#include "os/linux/path.h"

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/posix_acl.h>
#include <linux/posix_acl_xattr.h>
#include <sys/xattr.h>
#include <unistd.h>

#define READ_WRITE (ACL_READ | ACL_WRITE)
#define UNNAMED    ((uint32_t)-1)
#define FIXED      4 /* the owner, its group, the mask, all others */

struct list {
    struct posix_acl_xattr_header head;
    struct posix_acl_xattr_entry entries[OS_ADMITTED_USERS + FIXED];
    size_t count;
};

static void put(struct list *list, uint16_t tag, uint16_t rights, uint32_t id)
{
    list->entries[list->count++] =
        (struct posix_acl_xattr_entry){htole16(tag), htole16(rights), htole32(id)};
}

/* A file system without ACLs (ramfs, 9p) still has owners: the latest user becomes the owner. */
void admission_give(int folder, const char *name, const uint32_t *users, size_t count)
{
    char path[PATH_OF_FD_BYTES + 1 + 256];
    struct list list = {.head.a_version = htole32(POSIX_ACL_XATTR_VERSION)};
    put(&list, ACL_USER_OBJ, READ_WRITE, UNNAMED);
    for (size_t i = 0; i < count && i < OS_ADMITTED_USERS; i++)
        put(&list, ACL_USER, READ_WRITE, users[i]);
    put(&list, ACL_GROUP_OBJ, 0, UNNAMED);
    put(&list, ACL_MASK, READ_WRITE, UNNAMED);
    put(&list, ACL_OTHER, 0, UNNAMED);
    path_of_fd(path, folder);
    path_append(path, sizeof path, "/");
    path_append(path, sizeof path, name);
    size_t size = sizeof list.head + list.count * sizeof *list.entries;
    if (lsetxattr(path, "system.posix_acl_access", &list, size, 0) < 0 && errno == EOPNOTSUPP &&
        count > 0)
        fchownat(folder, name, users[count - 1], (gid_t)-1, AT_SYMLINK_NOFOLLOW);
}

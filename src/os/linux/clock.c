#include "os/os.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/random.h>
#include <time.h>
#include <unistd.h>

static int64_t read_us(clockid_t clock)
{
    struct timespec time = {0};
    clock_gettime(clock, &time);
    return (int64_t)time.tv_sec * 1000000 + time.tv_nsec / 1000;
}

void os_clock(struct clock_reading *out)
{
    int64_t now_us = read_us(CLOCK_MONOTONIC);
    *out = (struct clock_reading){
        .now_ms = now_us / 1000,
        .now_us = now_us,
        .boot_ms = read_us(CLOCK_BOOTTIME) / 1000,
        .wall_ms = read_us(CLOCK_REALTIME) / 1000,
    };
}

static size_t from_device(unsigned char *bytes, size_t count)
{
    int device = open("/dev/urandom", O_RDONLY | O_CLOEXEC);
    ssize_t got = device < 0 ? -1 : read(device, bytes, count);
    if (device >= 0)
        close(device);
    return got < 0 ? 0 : (size_t)got;
}

/* Without getrandom and /dev: mixes what the kernel gave this process at exec. Unique enough for a
 * name or a tag. */
static void from_exec(unsigned char *bytes, size_t count)
{
    static uint64_t turn;
    struct timespec time;
    uint64_t seed[2] = {0};
    const void *given = (const void *)getauxval(AT_RANDOM);
    if (given)
        memcpy(seed, given, sizeof seed);
    clock_gettime(CLOCK_MONOTONIC, &time);
    seed[0] ^= (uint64_t)time.tv_sec * 1000000000 + (uint64_t)time.tv_nsec;
    seed[1] += (uint64_t)getpid() << 32 | ++turn;
    for (size_t i = 0; i < count; i++) {
        seed[0] = (seed[0] ^ seed[1] ^ seed[0] >> 29) * 0xbf58476d1ce4e5b9;
        seed[1] = (seed[1] ^ seed[1] >> 32) * 0x94d049bb133111eb + seed[0];
        bytes[i] = (unsigned char)(seed[0] >> 56);
    }
}

/* Never blocks: as pid 1 we may run before the kernel has gathered its entropy. */
void os_random(void *bytes, size_t count)
{
    unsigned char *next = bytes;
    while (count > 0) {
        ssize_t got = getrandom(next, count, GRND_NONBLOCK);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            got = (ssize_t)from_device(next, count);
        if (got == 0) {
            from_exec(next, count);
            return;
        }
        next += got;
        count -= (size_t)got;
    }
}

int64_t os_clock_coarse(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC_COARSE, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

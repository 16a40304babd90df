// meter CORE COMMAND...: runs a command pinned to one core ("any": to none); when it has ended,
// appends a line "meter cpu=SECONDS wall=SECONDS peak_kib=N status=N" to its standard output.
//
// CPU is user and system time of the child alone (wait4); peak is its largest resident set.
// A small program of its own, because a child starts with the peak of the process that makes it.
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static double Seconds(const timeval& t)
{
    return t.tv_sec + 1e-6 * t.tv_usec;
}

static double WallNow()
{
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec + 1e-9 * now.tv_nsec;
}

static bool Pin(const char* core)
{
    if (strcmp(core, "any") == 0)
        return true;
    cpu_set_t set;
    CPU_ZERO(&set);
    CPU_SET(atoi(core), &set);
    return sched_setaffinity(0, sizeof set, &set) == 0;
}

int main(int argc, char** argv)
{
    if (argc < 3)
    {
        fprintf(stderr, "usage: meter CORE COMMAND...\n");
        return 2;
    }
    if (!Pin(argv[1]))
    {
        perror("meter: cannot pin to that core");
        return 2;
    }
    double begin = WallNow();
    pid_t child = fork();
    if (child == 0)
    {
        execvp(argv[2], argv + 2);
        perror("meter: cannot run it");
        _exit(127);
    }
    int status;
    rusage used;
    if (child < 0 || wait4(child, &status, 0, &used) != child)
    {
        perror("meter");
        return 2;
    }
    double wall = WallNow() - begin;
    int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    double cpu = Seconds(used.ru_utime) + Seconds(used.ru_stime);
    printf("meter cpu=%.6f wall=%.6f peak_kib=%ld status=%d\n", cpu, wall, used.ru_maxrss, code);
    return code;
}

/*
 * Runs a command on one core, for LIMIT seconds of it at most, without its output. Prints microseconds of the processor,
 * microseconds that passed, the peak of its memory in KB, and its exit status (128 and more: the signal that ended it).
 * In C, because what starts a program is counted with it until then.
 * usage: timed LIMIT COMMAND...
 */
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static void run(rlim_t limit, char **command)
{
	cpu_set_t core;
	int null = open("/dev/null", O_RDWR);

	CPU_ZERO(&core);
	CPU_SET(sysconf(_SC_NPROCESSORS_ONLN) - 1, &core);
	sched_setaffinity(0, sizeof(core), &core);
	/* it lives through exec, and ends what only waits */
	alarm(2 * (unsigned)limit);
	setrlimit(RLIMIT_CPU, &(struct rlimit){limit, limit});
	for (int fd = 0; fd < 3; fd++)
		dup2(null, fd);
	execvp(*command, command);
	_exit(127);
}

static long long microseconds(struct timeval t)
{
	return t.tv_sec * 1000000LL + t.tv_usec;
}

int main(int argc, char **argv)
{
	struct timespec begin, end;
	struct rusage usage;
	pid_t child;
	int status;

	if (argc < 3)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	child = fork();
	if (child == 0)
		run((rlim_t)atoi(argv[1]), argv + 2);
	if (child < 0 || wait4(child, &status, 0, &usage) < 0)
		return 2;
	clock_gettime(CLOCK_MONOTONIC, &end);
	printf("%lld %lld %ld %d\n", microseconds(usage.ru_utime) + microseconds(usage.ru_stime),
		(end.tv_sec - begin.tv_sec) * 1000000LL + (end.tv_nsec - begin.tv_nsec) / 1000, usage.ru_maxrss,
		WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status));
	return 0;
}

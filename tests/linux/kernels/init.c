/* The first process of a kernel that is asked what it makes of modules: it does what the lines of
   /steps say and tells each answer, and the log lines that came with it, on the serial port.

   A step is "<command> TAB <subject> TAB <arguments>": ins (finit_module; insfN: with flags N),
   insmem (init_module) of the file /modules/<subject>; rm and rmf (forced) of the module <subject>,
   left out if the step before it failed. What is told, all of it divided by tabs, n being the line:
     step n | log n <line> | errno n <0, or negative> | oops n | end
   After an oops, or if there is no answer within 10 s, the machine is switched off. */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/reboot.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

static FILE* told;
static int kmsg;

/* A line that lacks its end is held back until another one begins. */
static void end_line(void) {
  const int out = open("/dev/kmsg", O_WRONLY);
  if (write(out, "-", 1) != 1) perror("/dev/kmsg");
  close(out);
}

/* What the kernel has said since the last time; nothing is told of it if n is negative. */
static void log_lines(int n) {
  char record[8192];
  ssize_t size;
  while ((size = read(kmsg, record, sizeof record - 1)) > 0 || (size < 0 && errno == EPIPE)) {
    if (size < 0) continue; /* some were lost */
    record[size] = 0;
    char* const line = strchr(record, ';');
    if (!line || n < 0) continue;
    line[strcspn(line, "\n")] = 0;
    fprintf(told, "log\t%d\t%s\n", n, line + 1);
  }
}

static long load(const char* command, const char* subject, const char* arguments) {
  char path[300];
  snprintf(path, sizeof path, "/modules/%s", subject);
  const int fd = open(path, O_RDONLY);
  if (strcmp(command, "insmem") != 0)
    return syscall(SYS_finit_module, fd, arguments,
                   command[3] == 'f' ? (int)strtoul(command + 4, 0, 10) : 0);
  struct stat status;
  fstat(fd, &status);
  char* const bytes = malloc((size_t)status.st_size + 1);
  for (ssize_t at = 0, got; (got = read(fd, bytes + at, (size_t)(status.st_size - at))) > 0;)
    at += got;
  return syscall(SYS_init_module, bytes, (unsigned long)status.st_size, arguments);
}

static long take(const char* command, const char* subject, const char* arguments) {
  if (strncmp(command, "ins", 3) == 0) return load(command, subject, arguments);
  return syscall(SYS_delete_module, subject, O_NONBLOCK | (strcmp(command, "rmf") ? 0 : O_TRUNC));
}

static void switch_off(void) {
  fflush(told);
  tcdrain(fileno(told));
  reboot(RB_POWER_OFF);
}

/* Takes a step in a process of its own, which an oops would end; false: it gave no answer. */
static int answer(const char* command, const char* subject, const char* arguments, int* error) {
  int ends[2];
  if (pipe(ends) != 0) return 0;
  const pid_t child = fork();
  if (child == 0) {
    *error = take(command, subject, arguments) < 0 ? -errno : 0;
    _exit(write(ends[1], error, sizeof *error) != sizeof *error);
  }
  close(ends[1]);
  int ended = 0, status;
  for (int i = 0; !ended && i < 1000; ++i) {
    ended = waitpid(child, &status, WNOHANG) == child;
    if (!ended) usleep(10000);
  }
  const int answered = ended && read(ends[0], error, sizeof *error) == sizeof *error;
  close(ends[0]);
  return answered;
}

int main(void) {
  mkdir("/dev", 0755);
  mkdir("/proc", 0755);
  mkdir("/sys", 0755);
  mount("dev", "/dev", "devtmpfs", 0, 0);
  mount("proc", "/proc", "proc", 0, 0);
  mount("sys", "/sys", "sysfs", 0, 0);
  told = fopen("/dev/ttyS0", "w");
  kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);
  FILE* const steps = fopen("/steps", "r");
  char line[4096];
  int error = 0;
  for (int n = 0; fgets(line, sizeof line, steps); ++n) {
    line[strcspn(line, "\n")] = 0;
    char* rest = line;
    const char* const command = strsep(&rest, "\t");
    const char* const subject = strsep(&rest, "\t");
    if (command[0] == 'r' && error != 0) continue;
    fprintf(told, "step\t%d\n", n);
    end_line();
    log_lines(-1);
    const int answered = answer(command, subject, rest ? rest : "", &error);
    log_lines(n);
    if (!answered) {
      fprintf(told, "oops\t%d\n", n);
      switch_off();
    }
    fprintf(told, "errno\t%d\t%d\n", n, error);
    fflush(told);
  }
  fprintf(told, "end\n");
  switch_off();
}

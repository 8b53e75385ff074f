// What kmodcheck does with a directory of files that may be anything, compressed or not: they are
// searched for what they need of one another, loaded, told of in JSON and as modinfo tells.
//
// The input: files, each after its length in two bytes; the last may be shorter.
#include "../../examples/escaped.hpp"
#include "../../examples/kmodcheck/judge.hpp"
#include "../../examples/kmodcheck/modinfo.hpp"
#include "../../examples/kmodcheck/record.hpp"

#include <cstdint>
#include <sys/mman.h>
#include <unistd.h>

namespace {

using namespace kmodcheck;

/// What must hold does, or the input is one to keep.
void require(bool holds) {
  if (!holds) __builtin_trap();
}

/// A file that has a path, and is nowhere.
class nameless_file {
 public:
  explicit nameless_file(bytes_view bytes) : fd_(::memfd_create("fuzz", MFD_CLOEXEC)) {
    require(fd_ >= 0 &&
            ::write(fd_, bytes.data(), bytes.size()) == static_cast<::ssize_t>(bytes.size()));
  }
  nameless_file(nameless_file&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
  ~nameless_file() {
    if (fd_ >= 0) ::close(fd_);
  }
  std::string path() const { return "/proc/self/fd/" + std::to_string(fd_); }

 private:
  int fd_;
};

constexpr std::size_t max_size = std::size_t{1} << 20;
const relo::host::symvers exports;
const std::vector<bool> present;

/// As just booted. It takes time to make, so one serves many inputs, as long as it has addresses.
simulated_kernel& kernel() {
  static const kernel_setup setup = [] {
    kernel_setup s{};
    s.exports = &exports;
    s.present = &present;
    s.config.modversions = false;
    s.config.missing_crc_refused = false;
    return s;
  }();
  static std::unique_ptr<simulated_kernel> one;
  static int inputs = 0;
  if (inputs++ % 1000 == 0) one = make_kernel_6_12(setup);
  one->set_taints({});
  return *one;
}

void judge_all(const std::vector<std::string>& paths) {
  module_tree tree{max_size};
  tree.add(paths, {});
  tree.resolve(exports, present);
  judge judge{tree, kernel(), max_size, [](std::size_t) { return request{.image = {}}; }};
  std::size_t told = 0;
  judge.each_alone(
      paths.size(), false,
      [](std::size_t) { return request{.image = {}, .details = wanted::contents}; },
      [&](std::size_t i, const verdict& v) {
        require(i == told++);
        const std::string line = to_json(paths[i], v, error_name(v.error), {true, true});
        require(line == example::escaped(line));
        return true;
      });
  require(told == paths.size());
  for (const auto& path : paths) {
    std::string out, why;
    print_modinfo(path, max_size, out, why);
    require(out == example::escaped(out, "\n\t"));
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::vector<nameless_file> files;
  std::vector<std::string> paths;
  for (bytes_view left{data, size}; left.size() > 2 && files.size() < 8;) {
    const std::size_t length = std::min<std::size_t>(left[0] + 256U * left[1], left.size() - 2);
    files.emplace_back(left.subspan(2, length));
    paths.push_back(files.back().path());
    left = left.subspan(2 + length);
  }
  if (!paths.empty()) judge_all(paths);
  return 0;
}

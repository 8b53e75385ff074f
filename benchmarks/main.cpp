// Runs a program's benchmarks. Without arguments, the medians of three runs, as short tables;
// with arguments, as Google Benchmark does it.
#include "bench.hpp"

#include <array>
#include <cstdio>

namespace {

/// Prints a table for each distinct "table" of the names "table/row/column": its cells hold the
/// counters.
class tables : public benchmark::BenchmarkReporter {
 public:
  bool ReportContext(const Context&) override { return true; }

  void ReportRuns(const std::vector<Run>& runs) override {
    for (const Run& run : runs) {
      const std::string& name = run.run_name.function_name;
      const std::size_t row = name.find('/'), column = name.find('/', row + 1);
      failed_ = failed_ || run.error_occurred;
      if (run.error_occurred) std::printf("%s: %s\n", name.c_str(), run.error_message.c_str());
      else if (run.aggregate_name == "median")
        cells_.push_back({run.family_index, name.substr(0, row),
                          name.substr(row + 1, column - row - 1), name.substr(column + 1),
                          run.counters});
    }
  }

  void Finalize() override {
    std::sort(cells_.begin(), cells_.end(), [](auto& a, auto& b) { return a.number < b.number; });
    for (const std::string& table : distinct(&cell::table, "")) print(table);
  }

  bool failed() const { return failed_; }

 private:
  struct cell {
    std::int64_t number;
    std::string table, row, column;
    benchmark::UserCounters counters;
  };

  /// That field's values within a table ("": in all), in order.
  std::vector<std::string> distinct(std::string cell::* field, const std::string& table) const {
    std::vector<std::string> out;
    for (const cell& c : cells_)
      if ((table.empty() || c.table == table) &&
          std::find(out.begin(), out.end(), c.*field) == out.end())
        out.push_back(c.*field);
    return out;
  }

  void print(const std::string& table) const {
    constexpr int label = 36, number = 9;
    const auto in_table = [&](const cell& c) { return c.table == table; };
    const auto first = std::find_if(cells_.begin(), cells_.end(), in_table);
    const std::size_t counters = first->counters.size();
    const auto columns = distinct(&cell::column, table);

    std::printf("\n%-*s", label, table.c_str());
    for (const std::string& column : columns)
      std::printf("%*s", number * static_cast<int>(counters), column.c_str());
    if (counters > 1) {
      std::printf("\n%-*s", label, "");
      for (std::size_t i = 0; i < columns.size(); ++i)
        for (const auto& [name, value] : first->counters) std::printf("%*s", number, name.c_str());
    }
    for (const std::string& row : distinct(&cell::row, table)) {
      std::string line;
      bool nothing = true;  // to be told: every number is 0.00
      for (const cell& c : cells_)
        if (in_table(c) && c.row == row)
          for (const auto& [name, value] : c.counters) {
            const int decimals = value < 10 ? 2 : value < 100 ? 1 : 0;
            char text[number + 16];
            std::snprintf(text, sizeof text, "%*.*f", number, decimals, value.value);
            line += text;
            nothing = nothing && value < 0.005;
          }
      if (!nothing) std::printf("\n  %-*s%s", label - 2, row.c_str(), line.c_str());
    }
    std::printf("\n");
  }

  std::vector<cell> cells_;
  bool failed_ = false;
};

template <std::size_t N>
std::array<char, N> writable(const char (&text)[N]) {
  return std::to_array(text);
}

}  // namespace

int main(int argc, char** argv) {
  auto repetitions = writable("--benchmark_repetitions=3");
  auto shuffled = writable("--benchmark_enable_random_interleaving=true");
  auto quick = writable("--benchmark_min_time=0.1");
  char* defaults[] = {argv[0], repetitions.data(), shuffled.data(), quick.data(), nullptr};
  int count = 4;

  const bool short_tables = argc == 1;
  benchmark::Initialize(short_tables ? &count : &argc, short_tables ? defaults : argv);
  if (!short_tables && benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  bench::register_all();

  tables report;
  benchmark::RunSpecifiedBenchmarks(short_tables ? &report : nullptr);
  return report.failed() ? 1 : 0;
}

import Foundation

/// What the process itself takes.
enum ProcessFigures {
    /// Seconds computed, user and system; nil where the system does not tell.
    static var processorSeconds: Double? {
        var usage = rusage()
        guard getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &usage) == 0 else { return nil }
        func seconds(_ time: timeval) -> Double {
            Double(time.tv_sec) + Double(time.tv_usec) / 1e6
        }
        return seconds(usage.ru_utime) + seconds(usage.ru_stime)
    }

    /// Bytes of memory that are resident; nil where the system does not tell.
    static var residentBytes: Double? {
        guard
            let pages = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)
                .split(separator: " ")[1],
            let count = Double(pages)
        else { return nil }
        return count * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}

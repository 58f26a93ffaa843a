import Foundation

/// Prints one line of JSON, keys sorted.
func printResult(_ values: [String: any Sendable]) throws {
    let data = try JSONSerialization.data(withJSONObject: values, options: [.sortedKeys])
    print(String(decoding: data, as: UTF8.self))
}

extension [Double] {
    /// The middle value; the mean of both where there are two.
    var median: Double {
        guard !isEmpty else { return 0 }
        let ordered = sorted()
        return (ordered[count / 2] + ordered[(count - 1) / 2]) / 2
    }

    /// Rounded to whole numbers.
    var rounded: [Int] { map { Int($0.rounded()) } }
}

extension Duration {
    var seconds: Double {
        Double(components.seconds) + 1e-18 * Double(components.attoseconds)
    }
}

/// Memory of this process as the kernel counts it.
enum ProcessMemory {
    /// Bytes of anonymous memory that are present: the heap and stacks, mapped files apart.
    static var anonymousBytes: Int {
        guard let status = try? String(contentsOfFile: "/proc/self/status", encoding: .utf8) else {
            return 0
        }
        for line in status.split(separator: "\n") where line.hasPrefix("RssAnon:") {
            return (line.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
        }
        return 0
    }
}

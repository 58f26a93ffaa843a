import Foundation

/// Numbers as a person reads them at a glance.
public enum NumberText {
    /// A count with three digits that matter: `812`, `45.1k`, `2.70M`.
    public static func compact(_ count: Double) -> String {
        let units = [(1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k")]
        // 999.6 k would print as "1000k": half a unit of the last digit below, the larger one is used.
        for (size, letter) in units where abs(count) >= 0.9995 * size {
            let value = count / size
            let digits = abs(value) >= 99.95 ? 0 : abs(value) >= 9.995 ? 1 : 2
            return fixed(value, digits: digits) + letter
        }
        return fixed(count, digits: 0)
    }

    /// A time as a clock shows it: `0:07`, `12:30`, `1:02:03`; days come before: `2 d 3:00:00`.
    public static func time(_ duration: Duration) -> String {
        let seconds = max(0, duration.components.seconds)
        let (minutes, hours, days) = (seconds / 60 % 60, seconds / 3600 % 24, seconds / 86_400)
        let tail = String(format: "%02d", seconds % 60)
        if days > 0 { return "\(days) d \(hours):" + String(format: "%02d", minutes) + ":\(tail)" }
        if hours > 0 { return "\(hours):" + String(format: "%02d", minutes) + ":\(tail)" }
        return "\(minutes):\(tail)"
    }

    /// A loss or metric with four decimals, or with an exponent if these would not show it.
    public static func loss(_ value: Double) -> String {
        guard value.isFinite else { return "\(value)" }
        let size = abs(value)
        let isPlain = size == 0 || (size >= 0.001 && size < 10_000)
        return isPlain ? fixed(value, digits: 4) : String(format: "%.3e", value)
    }

    /// A number with a fixed count of decimals, whatever the locale.
    public static func fixed(_ value: Double, digits: Int) -> String {
        String(format: "%.\(digits)f", value)
    }
}

import Foundation

/// How numbers lie along an axis.
public enum AxisScale: String, Hashable, Sendable {
    /// Equal differences, equal lengths.
    case linear
    /// Equal ratios, equal lengths; numbers that are not above 0 are gaps.
    case logarithmic
}

/// How the numbers of an axis are written.
public enum AxisFormat: String, Hashable, Sendable {
    /// As they are.
    case number
    /// As shares: 0.25 is `25 %`.
    case percent
}

/// From numbers to places along an axis, with round numbers at its ticks.
struct PlotScale {
    struct Tick: Equatable {
        let value: Double
        let label: String
    }

    let scale: AxisScale
    /// The numbers at both ends, the lower one first.
    let domain: ClosedRange<Double>
    let start: Double
    let end: Double
    let ticks: [Tick]

    /// Makes an axis for numbers.
    ///
    /// - Parameters:
    ///   - values: the numbers to show; those that cannot be shown are passed over.
    ///   - scale: how numbers lie along the axis.
    ///   - start: the place of the lower end.
    ///   - end: the place of the upper end.
    ///   - rounds: whether the axis ends at ticks.
    ///   - tickCount: about how many ticks.
    ///   - wholeOnly: whether ticks are whole numbers, as of epochs.
    ///   - format: how numbers are written.
    init(
        _ values: some Sequence<Double>,
        scale: AxisScale = .linear,
        from start: Double,
        to end: Double,
        rounds: Bool = true,
        tickCount: Int = 5,
        wholeOnly: Bool = false,
        format: AxisFormat = .number
    ) {
        let shown = values.filter { $0.isFinite && (scale == .linear || $0 > 0) }
        self.scale = scale
        self.start = start
        self.end = end
        switch scale {
        case .linear:
            var (lower, upper) = (shown.min() ?? 0, shown.max() ?? 1)
            if lower == upper {
                let room = lower == 0 ? 1 : abs(lower) * 0.1
                (lower, upper) = (
                    lower - (wholeOnly ? 0.5 : room), upper + (wholeOnly ? 0.5 : room)
                )
            }
            var step = Self.step(over: upper - lower, count: tickCount)
            if wholeOnly { step = max(1, step.rounded()) }
            if rounds {
                lower = (lower / step + 1e-9).rounded(.down) * step
                upper = (upper / step - 1e-9).rounded(.up) * step
            }
            domain = lower...max(upper, lower.nextUp)
            ticks = Self.ticks(lower, upper, step, format)
        case .logarithmic:
            var (lower, upper) = (log10(shown.min() ?? 0.1), log10(shown.max() ?? 1))
            if rounds, upper - lower > 1.5 {
                (lower, upper) = ((lower + 1e-9).rounded(.down), (upper - 1e-9).rounded(.up))
            } else {
                let room = max(0.05, 0.05 * (upper - lower))
                (lower, upper) = (lower - room, upper + room)
            }
            domain = pow(10, lower)...pow(10, upper)
            ticks = Self.powers(lower, upper, format)
        }
    }

    /// The place of a number; nil where it cannot be shown.
    func place(_ value: Double?) -> Double? {
        guard let value, value.isFinite, scale == .linear || value > 0 else { return nil }
        let share: Double
        switch scale {
        case .linear:
            share = (value - domain.lowerBound) / (domain.upperBound - domain.lowerBound)
        case .logarithmic:
            let (lower, upper) = (log10(domain.lowerBound), log10(domain.upperBound))
            share = (log10(value) - lower) / (upper - lower)
        }
        return start + share * (end - start)
    }

    /// The nearest by ratio of 1, 2 and 5 times a power of ten that divides a length into about so many parts.
    static func step(over length: Double, count: Int) -> Double {
        guard length > 0, length.isFinite else { return 1 }
        let raw = length / Double(max(1, count))
        let power = pow(10, log10(raw).rounded(.down))
        let factor = raw / power
        return power * (factor < 1.41 ? 1 : factor < 3.16 ? 2 : factor < 7.07 ? 5 : 10)
    }

    private static func ticks(
        _ lower: Double,
        _ upper: Double,
        _ step: Double,
        _ format: AxisFormat
    ) -> [Tick] {
        let first = (lower / step - 1e-9).rounded(.up)
        let last = (upper / step + 1e-9).rounded(.down)
        guard last >= first, last - first < 100 else { return [] }
        let unit = format == .percent ? 100.0 : 1
        let digits = max(0, -Int((log10(step * unit) + 1e-9).rounded(.down)))
        let isLarge = max(abs(lower), abs(upper)) * unit >= 1e4
        return (0...Int(last - first)).map { index in
            let value = (first + Double(index)) * step
            let text =
                isLarge || digits > 5
                ? ReportNumber.compact(value * unit)
                : ReportNumber.fixed(value * unit, digits: digits)
            return Tick(value: value, label: format == .percent ? text + " %" : text)
        }
    }

    /// Powers of ten; where there are few also 2 and 5 times them.
    private static func powers(
        _ lower: Double,
        _ upper: Double,
        _ format: AxisFormat
    ) -> [Tick] {
        let (first, last) = (Int(lower.rounded(.down)), Int(upper.rounded(.up)))
        let factors: [Double] = upper - lower <= 2.2 ? [1, 2, 5] : [1]
        let every = max(1, Int(((upper - lower) / 6).rounded(.up)))
        var ticks: [Tick] = []
        for power in first...last where (power - first) % every == 0 {
            for factor in factors {
                let place = Double(power) + log10(factor)
                guard place >= lower - 1e-9, place <= upper + 1e-9 else { continue }
                let value = factor * pow(10, Double(power))
                let text = ReportNumber.compact(format == .percent ? 100 * value : value)
                ticks.append(Tick(value: value, label: format == .percent ? text + " %" : text))
            }
        }
        return ticks
    }
}

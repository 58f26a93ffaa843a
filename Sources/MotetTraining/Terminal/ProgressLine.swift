/// What a progress bar shows at a moment, and how it is laid out.
struct ProgressLine {
    var title: String
    /// What is counted.
    var unit = "rows"
    var done: Int
    var total: Int?
    var rowsPerSecond: Double
    /// The time since the start.
    var elapsed: Duration
    var losses: [(name: String, value: Double)]

    private static let barWidths = 8...30

    /// The share done, from 0 to 1; nil if the total is not known.
    private var share: Double? {
        guard let total, total > 0 else { return nil }
        return min(1, Double(done) / Double(total))
    }

    private var isFinished: Bool { total.map { done >= $0 } ?? false }

    private var percent: String? { share.map { "\(Int($0 * 100))%" } }

    private var count: String {
        let done = NumberText.compact(Double(done))
        return total.map { "\(done)/\(NumberText.compact(Double($0))) \(unit)" }
            ?? "\(done) \(unit)"
    }

    private var rate: String { NumberText.compact(rowsPerSecond) + " \(unit)/s" }

    /// The time left at the present rate, or the time taken once all rows are done.
    private var time: String {
        guard !isFinished, let total else { return NumberText.time(elapsed) }
        guard rowsPerSecond > 0 else { return "ETA -" }
        let left = Double(total - done) / rowsPerSecond
        return left < 1e9 ? "ETA " + NumberText.time(.seconds(left.rounded(.up))) : "ETA -"
    }

    private var lossTexts: [String] { losses.map { "\($0.name) \(NumberText.loss($0.value))" } }

    /// The line for a file: everything there is to say.
    func plain() -> String {
        let parts = [percent, count, rate, time].compactMap(\.self) + lossTexts
        return title + ": " + parts.joined(separator: ", ")
    }

    /// The line for a terminal, no wider than it: what matters least gives way first.
    ///
    /// That is the count of rows, then the bar, then the losses of the last tasks, then the rate.
    /// Without a total the count is all there is, and stays while it fits.
    func fitted(to width: Int) -> String {
        // The last column stays free: some terminals wrap once it is filled.
        let room = max(0, width - 1)
        var parts = [title, percent ?? "", count, rate, time] + lossTexts
        func needed() -> Int {
            let shown = parts.filter { !$0.isEmpty }
            return shown.reduce(0) { $0 + TextWidth.columns($1) } + 2 * max(0, shown.count - 1)
        }
        func spare() -> Int { room - needed() - 4 }
        let needsRoom = share == nil ? needed() > room : spare() < Self.barWidths.lowerBound
        if needsRoom { parts[2] = "" }
        if let share, spare() >= Self.barWidths.lowerBound {
            let bar = Self.bar(share, width: min(spare(), Self.barWidths.upperBound))
            parts[1] = bar + "  " + parts[1]
        }
        while needed() > room, parts.count > 5 { parts.removeLast() }
        if needed() > room { parts[3] = "" }
        let line = parts.filter { !$0.isEmpty }.joined(separator: "  ")
        return TextWidth.truncated(line, to: room)
    }

    private static func bar(_ share: Double, width: Int) -> String {
        let filled = Int(share * Double(width))
        let head = filled < width ? ">" : ""
        let rest = String(repeating: " ", count: max(0, width - filled - 1))
        return "[" + String(repeating: "=", count: filled) + head + rest + "]"
    }
}

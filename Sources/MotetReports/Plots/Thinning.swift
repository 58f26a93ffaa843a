/// Long curves with fewer points that look the same.
enum Thinning {
    /// Keeps the first, the last, the least and the greatest point of each stretch, so that no peak is lost.
    ///
    /// Points without a value part a curve; each part keeps its ends. Where there are more parts than points to
    /// keep, gaps narrower than a pixel close.
    ///
    /// - Parameters:
    ///   - points: a curve; nil for no value.
    ///   - limit: about how many points to keep, at least 8.
    /// - Returns: the points kept, in their order.
    static func thin(_ points: [LinePlot.Point], to limit: Int) -> [LinePlot.Point] {
        let limit = max(8, limit)
        guard points.count > limit else { return points }
        var parts = split(points)
        if parts.count * 4 > limit { parts = [parts.flatMap { $0 }] }
        let total = max(1, parts.reduce(0) { $0 + $1.count })
        var kept: [LinePlot.Point] = []
        for (index, part) in parts.enumerated() {
            if index > 0, let x = part.first?.x { kept.append(LinePlot.Point(x, nil)) }
            let share = max(4, limit * part.count / total)
            kept += thinned(part, to: share)
        }
        return kept
    }

    /// The parts between points without a value.
    static func split(_ points: [LinePlot.Point]) -> [[LinePlot.Point]] {
        var parts: [[LinePlot.Point]] = []
        var part: [LinePlot.Point] = []
        for point in points {
            if let y = point.y, y.isFinite, point.x.isFinite {
                part.append(point)
            } else if !part.isEmpty {
                parts.append(part)
                part = []
            }
        }
        if !part.isEmpty { parts.append(part) }
        return parts
    }

    private static func thinned(_ part: [LinePlot.Point], to limit: Int) -> [LinePlot.Point] {
        guard part.count > limit, let first = part.first, let last = part.last else { return part }
        let inner = part.dropFirst().dropLast()
        let stretches = max(1, (limit - 2) / 2)
        var kept = [first]
        for stretch in 0..<stretches {
            let from = inner.startIndex + inner.count * stretch / stretches
            let to = inner.startIndex + inner.count * (stretch + 1) / stretches
            let points = inner[from..<to]
            guard
                let least = points.indices.min(by: { (points[$0].y ?? 0) < (points[$1].y ?? 0) }),
                let greatest = points.indices.max(by: { (points[$0].y ?? 0) < (points[$1].y ?? 0) })
            else { continue }
            kept +=
                least == greatest
                ? [points[least]] : [points[min(least, greatest)], points[max(least, greatest)]]
        }
        return kept + [last]
    }
}

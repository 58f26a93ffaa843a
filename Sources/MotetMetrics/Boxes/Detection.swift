public import MotetCore

/// An object that a picture shows.
public struct LabelledObject: Hashable, Sendable {
    /// The number of the picture.
    public let picture: Int
    /// The class.
    public let label: Int
    /// Where it is.
    public let box: Box

    /// Creates an object.
    public init(picture: Int, label: Int = 0, box: Box) {
        self.picture = picture
        self.label = label
        self.box = box
    }
}

/// An object that a model claims to see.
public struct Detection: Hashable, Sendable {
    /// The number of the picture.
    public let picture: Int
    /// The predicted class.
    public let label: Int
    /// Where it is said to be.
    public let box: Box
    /// How sure the model is; only the order of scores counts.
    public let score: Float

    /// Creates a detection.
    public init(picture: Int, label: Int = 0, box: Box, score: Float) {
        self.picture = picture
        self.label = label
        self.box = box
        self.score = score
    }
}

/// What one class's detections are worth, in the order of falling scores.
struct RankedDetections: Sendable {
    /// For each detection its score, whether it is right, and how much it counts.
    struct Entry: Sendable {
        var score: Float
        var isRight: Bool
        var weight: Double
    }

    var entries: [Entry] = []
    /// The weight of all objects.
    var objects = 0.0

    /// Matches the detections of one class with its objects.
    ///
    /// Greedy, by falling score, equal scores as given: a detection takes, of the objects of its
    /// picture that none took before, that with which it shares most, and is right if there is one
    /// with an intersection over union of at least the threshold.
    init(_ detections: [Detection], _ known: [LabelledObject], threshold: Double) {
        objects = Double(known.count)
        var open: [Int: [Box]] = [:]
        for object in known { open[object.picture, default: []].append(object.box) }
        let order = detections.indices.sorted {
            (-detections[$0].score, $0) < (-detections[$1].score, $1)
        }
        for detection in order.map({ detections[$0] }) {
            var best: (overlap: Double, index: Int)?
            for (index, box) in (open[detection.picture] ?? []).enumerated() {
                let overlap = box.intersectionOverUnion(detection.box)
                guard overlap >= threshold, overlap > best?.overlap ?? -1 else { continue }
                best = (overlap, index)
            }
            if let best { open[detection.picture]?.remove(at: best.index) }
            entries.append(Entry(score: detection.score, isRight: best != nil, weight: 1))
        }
    }

    /// Ranks entries that are matched already.
    init(_ entries: [Entry], objects: Double) {
        self.entries = entries
        self.objects = objects
    }

    /// The area under the curve of precision over recall; nil without objects.
    ///
    /// All-point interpolation: the precision at a recall is the greatest at this or a higher recall.
    /// Detections of equal score enter together, so that their order does not matter.
    var averagePrecision: Double? {
        guard objects > 0 else { return nil }
        var points: [(recall: Double, precision: Double)] = []
        var (right, all) = (0.0, 0.0)
        for (index, entry) in entries.enumerated() {
            all += entry.weight
            if entry.isRight { right += entry.weight }
            let ends = index + 1 == entries.count || entries[index + 1].score != entry.score
            if ends, all > 0 { points.append((right / objects, right / all)) }
        }
        var (area, best) = (0.0, 0.0)
        for index in points.indices.reversed() {
            best = max(best, points[index].precision)
            area += best * (points[index].recall - (index > 0 ? points[index - 1].recall : 0))
        }
        return area
    }
}

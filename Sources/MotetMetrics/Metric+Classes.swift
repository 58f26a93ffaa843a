public import MotetCore

extension Metric {
    /// The share of rows, or of tokens, that are right; see ``Accuracy``.
    public static let accuracy = Metric(
        "accuracy",
        title: "accuracy",
        goal: .higher,
        rows: [.numbers, .classes, .tags],
        prepare: Accuracy.prepare
    )

    /// The share of rows whose class is among the `count` best; see ``TopKAccuracy``.
    ///
    /// - Parameter count: how many classes count as the best, at least 1.
    /// - Returns: the metric, called `top_5_accuracy` and so on in YAML.
    public static func topK(_ count: Int) -> Metric {
        precondition(count >= 1, "top-k accuracy: k is at least 1; received \(count)")
        return Metric(
            "top_\(count)_accuracy",
            title: "top-\(count) accuracy",
            goal: .higher,
            rows: [.classes]
        ) { observations throws(MetricError) in
            try TopKAccuracy.prepare(observations, count)
        }
    }

    /// The mean over classes of F1; see ``F1``.
    public static let macroF1 = Metric(
        "macro_f1",
        title: "macro F1",
        goal: .higher,
        rows: [.numbers, .classes, .tags]
    ) { observations throws(MetricError) in
        try F1.prepare(observations, title: "macro F1", leavingOut: nil, F1.macro)
    }

    /// F1 of all classes' decisions together; see ``F1``.
    public static let microF1 = Metric.microF1(leavingOut: nil)

    /// F1 of all decisions for classes but one, such as the tag `O`; see ``F1``.
    ///
    /// - Parameter leavingOut: the class that means nothing was found; nil for none.
    /// - Returns: the metric; only that without a class left out has a name in YAML.
    public static func microF1(leavingOut: Int?) -> Metric {
        Metric(
            "micro_f1" + (leavingOut.map { "_without_\($0)" } ?? ""),
            title: "micro F1",
            goal: .higher,
            rows: [.numbers, .classes, .tags]
        ) { observations throws(MetricError) in
            try F1.prepare(observations, title: "micro F1", leavingOut: leavingOut, F1.micro)
        }
    }

    /// F1 of whole entities, right in type and both borders; see ``EntityF1``.
    ///
    /// - Parameter tags: what the tag numbers of a row mean.
    /// - Returns: the metric, called `entity_f1`; it has no name in YAML, which knows no tags.
    public static func entityF1(_ tags: TagSet) -> Metric {
        Metric("entity_f1", title: "entity F1", goal: .higher, rows: [.tags]) {
            observations throws(MetricError) in
            try EntityF1.prepare(observations, tags)
        }
    }
}

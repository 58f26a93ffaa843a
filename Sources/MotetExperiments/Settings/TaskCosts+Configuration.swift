import MotetConfiguration
import MotetMetrics

extension TaskCosts {
    /// Reads the keys of `costs`.
    init(reading reader: ConfigurationReader) {
        self.init(
            missed: reader.number("missed", in: .between(0, 1e9)),
            refused: reader.number("refused", in: .between(0, 1e9)),
            review: reader.number(ifPresent: "review", in: .between(0, 1e9)),
            reviewCatches: reader.number("review_catches", default: 1, in: .between(0, 1)),
            reviewRefuses: reader.number("review_refuses", default: 0, in: .between(0, 1))
        )
        if review == nil, reader.has("review_catches") || reader.has("review_refuses") {
            reader.fail(
                "review",
                "shares of reviews need one; expected what a review costs; received none."
            )
        }
    }

    /// The costs as a tree that reads back equal.
    var node: ConfigurationNode {
        .map([
            ("missed", .number(missed)), ("refused", .number(refused)),
            ("review", review.map(ConfigurationNode.number)),
            ("review_catches", review.map { _ in .number(reviewCatches) }),
            ("review_refuses", review.map { _ in .number(reviewRefuses) }),
        ])
    }
}

public import MotetCore

/// Percentile bootstrap: how much a metric would vary if other rows had been drawn.
///
/// A resample gives every row a Poisson count of mean 1. Rows are sorted once; each resample is then
/// linear in the rows. The key fixes every count, so the same key gives the same interval bit for bit.
///
/// - Source: Efron and Tibshirani, "An Introduction to the Bootstrap", Chapman & Hall 1993, ch. 13.
///   <https://doi.org/10.1201/9780429246593>
public struct Bootstrap: Hashable, Sendable {
    /// What is drawn again.
    public enum Unit: String, Hashable, Sendable, CaseIterable {
        /// Rows, as if they were independent.
        case rows
        /// Groups with all their rows, for rows that depend on each other, such as a user's.
        case groups
    }

    /// The number of resamples.
    public let resamples: Int
    /// The share of resampled values an interval holds.
    public let level: Double
    /// What is drawn again.
    public let unit: Unit
    /// The key of the counts.
    public let key: RandomKey

    /// Below this share of resamples with a value, the rest says too little about the interval.
    private static let definedShare = 0.9

    /// Creates a bootstrap.
    ///
    /// - Parameters:
    ///   - resamples: the number of resamples, at least 2.
    ///   - level: the share of resampled values an interval holds, between 0 and 1.
    ///   - unit: what is drawn again; groups need a group column.
    ///   - key: the key of the counts.
    public init(resamples: Int = 400, level: Double = 0.95, unit: Unit = .rows, key: RandomKey) {
        precondition(
            resamples >= 2,
            "a bootstrap needs at least 2 resamples; received \(resamples)"
        )
        precondition(level > 0 && level < 1, "a level lies between 0 and 1; received \(level)")
        self.resamples = resamples
        self.level = level
        self.unit = unit
        self.key = key
    }

    /// The same bootstrap with the counts of another part of the data, such as a scenario.
    public func split(_ name: String) -> Bootstrap {
        Bootstrap(resamples: resamples, level: level, unit: unit, key: key.split(name))
    }

    /// A metric's value with its interval.
    public func estimate(_ metric: Metric, on observations: Observations) -> Estimate {
        estimates([metric], on: observations)[0]
    }

    /// The values of several metrics with their intervals, from the same resamples.
    ///
    /// - Parameters:
    ///   - metrics: the metrics.
    ///   - observations: the rows.
    /// - Returns: one estimate for each metric, in order.
    public func estimates(_ metrics: [Metric], on observations: Observations) -> [Estimate] {
        let prepared = metrics.map { Result(preparing: $0, on: observations) }
        let values = prepared.map { observations.value(of: $0) }
        guard unit == .rows || observations.groups != nil else {
            return values.map { Estimate($0, intervalReason: Self.noGroups) }
        }
        var samples = [[Double]](repeating: [], count: metrics.count)
        forEachResample(of: observations) { counts in
            for (index, metric) in prepared.enumerated() where values[index].value != nil {
                if let value = metric.value(counts) { samples[index].append(value) }
            }
        }
        return metrics.indices.map { index in
            guard values[index].value != nil else { return Estimate(values[index]) }
            let (interval, reason) = interval(samples[index])
            return Estimate(values[index], interval: interval, intervalReason: reason)
        }
    }

    /// The difference of a metric between two models, from resamples of the rows they share.
    ///
    /// What makes a row easy or hard for both models cancels, so the interval is narrower than the
    /// two models' own intervals suggest.
    ///
    /// - Parameters:
    ///   - metric: the metric.
    ///   - first: the first model's predictions, with labels and weights.
    ///   - second: the second model's predictions on the same rows in the same order.
    /// - Returns: the first model's value less the second's.
    /// - Throws: `metric_columns` if labels, weights or groups differ.
    public func difference(
        _ metric: Metric,
        _ first: Observations,
        minus second: Observations
    ) throws(MetricError) -> PairedDifference {
        guard first.hasSameRows(as: second) else {
            throw .columns(
                "paired bootstrap: the models were not measured on the same rows; expected equal "
                    + "labels, weights and groups in the same order; received \(first.count) and "
                    + "\(second.count) rows."
            )
        }
        let models = [first, second].map { Result(preparing: metric, on: $0) }
        let values = [first.value(of: models[0]), second.value(of: models[1])]
        guard let left = values[0].value, let right = values[1].value else {
            return PairedDifference(
                difference: Estimate(values[values[0].value == nil ? 0 : 1]),
                shareAbove: nil
            )
        }
        let value = MetricValue(
            .value(left - right),
            rows: first.count,
            rowsLeftOut: first.rowsLeftOut,
            groups: values[0].groups
        )
        guard unit == .rows || first.groups != nil else {
            let estimate = Estimate(value, intervalReason: Self.noGroups)
            return PairedDifference(difference: estimate, shareAbove: nil)
        }
        var samples: [Double] = []
        forEachResample(of: first) { counts in
            guard let left = models[0].value(counts), let right = models[1].value(counts) else {
                return
            }
            samples.append(left - right)
        }
        let (interval, reason) = interval(samples)
        let above = samples.reduce(0) { $0 + ($1 > 0 ? 1 : $1 == 0 ? 0.5 : 0) }
        return PairedDifference(
            difference: Estimate(value, interval: interval, intervalReason: reason),
            shareAbove: interval == nil ? nil : above / Double(samples.count)
        )
    }

    private static let noGroups = "resampling by group needs a group column; received none"

    /// Calls a closure with the counts of each resample.
    func forEachResample(of observations: Observations, _ body: ([UInt8]) -> Void) {
        let poisson = PoissonCounts()
        let stream = key.split("bootstrap")
        var counts = [UInt8](repeating: 0, count: observations.count)
        for resample in 0..<resamples {
            if unit == .groups, let groups = observations.groups {
                poisson.fill(&counts, groups: groups, key: stream.split(resample))
            } else {
                poisson.fill(&counts, key: stream.split(resample))
            }
            body(counts)
        }
    }

    private func interval(_ samples: [Double]) -> (ConfidenceInterval?, reason: String?) {
        guard Double(samples.count) >= Self.definedShare * Double(resamples) else {
            let missing = resamples - samples.count
            return (nil, "the metric is undefined in \(missing) of \(resamples) resamples")
        }
        let undefined = resamples - samples.count
        return (ConfidenceInterval(values: samples, undefined: undefined, level: level), nil)
    }
}

extension Result where Success == any PreparedMetric, Failure == MetricError {
    fileprivate init(preparing metric: Metric, on observations: Observations) {
        self.init { () throws(MetricError) in try metric.prepare(observations) }
    }

    /// The metric for some counts, or nil if it is undefined for them.
    fileprivate func value(_ counts: [UInt8]) -> Double? {
        guard case .success(let prepared) = self else { return nil }
        return try? prepared.measure(counts).value
    }
}

extension Observations {
    /// What a prepared metric says about these rows.
    fileprivate func value(of prepared: Result<any PreparedMetric, MetricError>) -> MetricValue {
        do throws(MetricError) {
            return value(of: try prepared.get().measureOnce(self))
        } catch {
            return undefined(error.message)
        }
    }

    /// Whether other observations differ in the predictions at most.
    public func hasSameRows(as other: Observations) -> Bool {
        labels == other.labels && weights == other.weights && groups == other.groups
    }
}

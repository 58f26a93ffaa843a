import MotetMetrics
import MotetReports

extension ReliabilityPlot {
    /// A diagram of measured bins, with their intervals.
    init(_ title: String, measured bins: [ReliabilityCurve.Bin]) {
        self.init(
            title,
            bins.map {
                Bin(
                    predicted: $0.predicted,
                    observed: $0.observed,
                    lower: $0.lower,
                    upper: $0.upper,
                    rows: Double($0.rows)
                )
            }
        )
    }
}

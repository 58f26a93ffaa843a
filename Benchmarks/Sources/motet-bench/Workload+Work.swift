import MotetRecommenders

extension Workload {
    /// Floating-point operations of all matrix products of a training step, for one row: forward, and
    /// twice that backward, for the gradients of weights and of inputs.
    var matrixProductFLOPs: Int { 3 * 2 * multiplications }

    private var multiplications: Int {
        let width = fields * dimension
        func chain(_ units: [Int], from input: Int) -> Int {
            zip([input] + units, units).reduce(0) { $0 + $1.0 * $1.1 }
        }
        let tasks = 2
        switch architecture {
        case .mmoe(experts: let experts, expertUnits: let units):
            let towers = chain(towerUnits + [1], from: units.last ?? width)
            return experts * chain(units, from: width) + tasks * (experts * width + towers)
        case .ple(
            levels: let levels,
            sharedExperts: let shared,
            taskExperts: let own,
            expertUnits: let units
        ):
            let last = units.last ?? width
            var total = tasks * chain(towerUnits + [1], from: last)
            for level in 0..<levels {
                let input = level == 0 ? width : last
                let experts = shared + tasks * own
                total += experts * chain(units, from: input)
                total += tasks * input * (shared + own)
                // The shared part has a gate of its own on every level but the last.
                if level < levels - 1 { total += input * experts }
            }
            return total
        default: return 0
        }
    }
}

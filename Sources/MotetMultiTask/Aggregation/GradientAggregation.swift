import MotetCore

/// How the gradients of tasks become one direction in what they share.
///
/// A value with static factories: `.upgrad`, `.cagrad(c: 0.4)`; `at(_:)` says where gradients are compared. The
/// losses are compared as a weighting hands them on, each with its task's own weight.
///
/// ```swift
/// let trainer = try Trainer(model, ..., aggregation: .upgrad.at(.parameters), seed: 42)
/// ```
public struct GradientAggregation: Hashable, Sendable, Codable {
    /// The rules a trainer offers.
    enum Rule: Hashable, Sendable, Codable {
        case sum
        case mean
        case pcgrad
        case gradvac(beta: Double)
        case mgda
        case cagrad(c: Double)
        case upgrad
        case imtlg
        case alignedMTL
        case config
        case nashMTL(interval: Int)
        case fairGrad(alpha: Double)
        case metaBalance(relax: Double, beta: Double)
        case gradNorm(alpha: Double, rate: Double)
        case dbMTL(beta: Double, exponent: Double)
        case moco(beta: Double, gamma: Double, rho: Double)
        case gradDrop(leak: Double)
    }

    let rule: Rule
    /// Where gradients are compared.
    public private(set) var place = TaskDifferentiation.Place.representation
    /// Beginnings of the names of the parameters whose gradients are compared; all shared dense ones if empty.
    public private(set) var parts: [String] = []
    /// Whether the gradients of shared tables are compared too.
    public private(set) var includesTables = false

    private init(_ rule: Rule) { self.rule = rule }

    /// `sum_k g_k`: what training on the sum of the losses does, with products to look at.
    public static let sum = Self(.sum)
    /// `sum_k g_k / K`.
    public static let mean = Self(.mean)
    /// ``PCGrad``.
    public static let pcgrad = Self(.pcgrad)
    /// ``MGDA``.
    public static let mgda = Self(.mgda)
    /// ``UPGrad``.
    public static let upgrad = Self(.upgrad)
    /// ``IMTLG``.
    public static let imtlG = Self(.imtlg)
    /// ``AlignedMTL``.
    public static let alignedMTL = Self(.alignedMTL)
    /// ``ConFIG``.
    public static let config = Self(.config)

    /// ``GradVac``.
    ///
    /// - Parameter beta: how much the newest cosine counts, within [0, 1].
    /// - Returns: the aggregation.
    public static func gradvac(beta: Double = 0.01) -> Self { Self(.gradvac(beta: beta)) }

    /// ``CAGrad``.
    ///
    /// - Parameter c: how far the direction may be from the mean, at least 0.
    /// - Returns: the aggregation.
    public static func cagrad(c: Double = 0.5) -> Self { Self(.cagrad(c: c)) }

    /// ``NashMTL``, as long as the mean.
    ///
    /// - Parameter interval: in how many steps weights are computed once, at least 1.
    /// - Returns: the aggregation.
    public static func nashMTL(interval: Int = 1) -> Self { Self(.nashMTL(interval: interval)) }

    /// ``FairGrad``.
    ///
    /// - Parameter alpha: the kind of fairness, above 0; 1 is proportional.
    /// - Returns: the aggregation.
    public static func fairGrad(alpha: Double = 1) -> Self { Self(.fairGrad(alpha: alpha)) }

    /// ``MetaBalance``, with the first task as the target.
    ///
    /// - Parameters:
    ///   - relax: how far lengths follow the target's, within [0, 1].
    ///   - beta: how long lengths are averaged, at least 0 and below 1.
    /// - Returns: the aggregation.
    public static func metaBalance(relax: Double = 0.7, beta: Double = 0.9) -> Self {
        Self(.metaBalance(relax: relax, beta: beta))
    }

    /// ``DualBalancing``: gradients of the logarithms of the losses, averaged over steps and brought to one length.
    ///
    /// At the shared parameters, of which every task keeps an average.
    ///
    /// - Parameters:
    ///   - beta: what an average keeps in the first step, at least 0 and below 1.
    ///   - exponent: how fast that falls: `beta / t^exponent` in step *t*; at least 0.
    /// - Returns: the aggregation.
    public static func dbMTL(beta: Double = 0.9, exponent: Double = 0.5) -> Self {
        Self(.dbMTL(beta: beta, exponent: exponent)).at(.parameters)
    }

    /// ``MoCo``: weights that follow MGDA's slowly, on gradients averaged over steps.
    ///
    /// At the shared parameters, of which every task keeps an average.
    ///
    /// - Parameters:
    ///   - beta: what the newest gradient counts, above 0 and at most 1.
    ///   - gamma: the step of the weights, above 0.
    ///   - rho: the pull of weights to 0, at least 0.
    /// - Returns: the aggregation.
    public static func moco(beta: Double = 0.5, gamma: Double = 0.1, rho: Double = 0) -> Self {
        Self(.moco(beta: beta, gamma: gamma, rho: rho)).at(.parameters)
    }

    /// ``GradientNormWeights``: weights of the losses themselves, in the tasks' own parts too.
    ///
    /// - Parameters:
    ///   - alpha: how strongly tasks that learn slowly are pulled, at least 0.
    ///   - rate: the learning rate of the weights, above 0.
    /// - Returns: the aggregation.
    public static func gradNorm(alpha: Double = 1.5, rate: Double = 0.025) -> Self {
        Self(.gradNorm(alpha: alpha, rate: rate))
    }

    /// ``SignDropout``: in each element of a shared parameter the gradients of one sign, drawn at random.
    ///
    /// Not a matter of products: at the shared parameters only, on which every task's gradient is looked at element by
    /// element. Tables receive the sum.
    ///
    /// - Parameter leak: what stays of the gradients that are dropped, within [0, 1]; 1 is the sum.
    /// - Returns: the aggregation.
    public static func gradDrop(leak: Double = 0) -> Self {
        Self(.gradDrop(leak: leak)).at(.parameters)
    }

    /// The same rule, with gradients of shared tables compared too, as rows: those that a step touches.
    ///
    /// At the shared parameters. Each task's rows are made for it, which costs a backward pass through the lookups for
    /// each; the tables' own gradients are still made once, of the weighted losses.
    ///
    /// - Returns: the aggregation.
    public func includingTables() -> Self {
        var changed = self
        changed.includesTables = true
        return changed
    }

    /// The same rule, with gradients compared elsewhere.
    ///
    /// - Parameters:
    ///   - place: at the shared representation, or at the shared dense parameters.
    ///   - parts: beginnings of the names of the parameters that are compared, such as `mmoe_1/experts/dense_2`; all
    ///     shared dense ones if empty. Only with `.parameters`.
    /// - Returns: the aggregation.
    public func at(_ place: TaskDifferentiation.Place, parts: [String] = []) -> Self {
        var changed = self
        changed.place = place
        changed.parts = parts
        return changed
    }

    /// The name in configurations.
    public var name: String {
        switch rule {
        case .sum: SumOfGradients.name
        case .mean: MeanOfGradients.name
        case .pcgrad: PCGrad.name
        case .gradvac: GradVac.name
        case .mgda: MGDA.name
        case .cagrad: CAGrad.name
        case .upgrad: UPGrad.name
        case .imtlg: IMTLG.name
        case .alignedMTL: AlignedMTL.name
        case .config: ConFIG.name
        case .nashMTL: NashMTL.name
        case .fairGrad: FairGrad.name
        case .metaBalance: MetaBalance.name
        case .gradNorm: "gradnorm"
        case .dbMTL: DualBalancing.name
        case .moco: MoCo.name
        case .gradDrop: "graddrop"
        }
    }

    /// What is wrong with the settings, each half a sentence.
    public var problems: [String] {
        func check(_ isRight: Bool, _ text: String) -> [String] { isRight ? [] : [text] }
        var problems: [String] =
            switch rule {
            case .gradvac(let beta):
                check(
                    (0...1).contains(beta),
                    "'beta' is out of range; expected 0 to 1; received \(beta)."
                )
            case .cagrad(let c):
                check(
                    c >= 0 && c.isFinite,
                    "'c' is out of range; expected at least 0; received \(c)."
                )
            case .nashMTL(let interval):
                check(
                    interval >= 1,
                    "'interval' is out of range; expected at least 1; received \(interval)."
                )
            case .fairGrad(let alpha):
                check(
                    alpha > 0 && alpha.isFinite,
                    "'alpha' is out of range; expected above 0; received \(alpha)."
                )
            case .metaBalance(let relax, let beta):
                check(
                    (0...1).contains(relax),
                    "'relax' is out of range; expected 0 to 1; received \(relax)."
                )
                    + check(
                        (0..<1).contains(beta),
                        "'beta' is out of range; expected at least 0 and below 1; received \(beta)."
                    )
            case .gradNorm(let alpha, let rate):
                check(
                    alpha >= 0 && alpha.isFinite,
                    "'alpha' is out of range; expected at least 0; received \(alpha)."
                )
                    + check(
                        rate > 0 && rate.isFinite,
                        "'rate' is out of range; expected above 0; received \(rate)."
                    )
            case .dbMTL(let beta, let exponent):
                check(
                    (0..<1).contains(beta),
                    "'beta' is out of range; expected at least 0 and below 1; received \(beta)."
                )
                    + check(
                        exponent >= 0 && exponent.isFinite,
                        "'exponent' is out of range; expected at least 0; received \(exponent)."
                    )
            case .moco(let beta, let gamma, let rho):
                check(
                    beta > 0 && beta <= 1,
                    "'beta' is out of range; expected above 0 and at most 1; received \(beta)."
                )
                    + check(
                        gamma > 0 && gamma.isFinite,
                        "'gamma' is out of range; expected above 0; received \(gamma)."
                    )
                    + check(
                        rho >= 0 && rho.isFinite,
                        "'rho' is out of range; expected at least 0; received \(rho)."
                    )
            case .gradDrop(let leak):
                check(
                    (0...1).contains(leak),
                    "'leak' is out of range; expected 0 to 1; received \(leak)."
                )
            default: []
            }
        if place == .representation && signLeak != nil {
            problems.append(
                "signs are looked at in each element of the parameters' gradients; expected `at: parameters`; received `representation`."
            )
        }
        if includesTables && place == .representation {
            problems.append(
                "tables are compared beside the other parameters; expected `at: parameters`; received `representation`."
            )
        }
        if includesTables && averagesGradients {
            problems.append(
                "it compares averages of gradients over steps, which tables have none of; expected no `include_tables`; received `include_tables: true`."
            )
        }
        if includesTables && signLeak != nil {
            problems.append(
                "it does not compare products of gradients, in which tables could take part; expected no `include_tables`; received `include_tables: true`."
            )
        }
        if place == .representation && averagesGradients {
            problems.append(
                "gradients are averaged over steps, which those of a batch's representation cannot be; expected `at: parameters`; received `representation`."
            )
        }
        if place == .representation && !parts.isEmpty {
            problems.append(
                "named parts are compared at parameters only; expected none; received \(parts)."
            )
        }
        return problems
    }

    /// The rule as a weighting on the products of gradients; the sum for one that looks at losses too.
    public var weighting: any GradientWeighting {
        switch rule {
        case .sum, .gradNorm, .gradDrop: SumOfGradients()
        case .mean: MeanOfGradients()
        case .pcgrad: PCGrad()
        case .gradvac(let beta): GradVac(beta: beta)
        case .mgda: MGDA()
        case .cagrad(let c): CAGrad(c: c)
        case .upgrad: UPGrad()
        case .imtlg: IMTLG()
        case .alignedMTL: AlignedMTL()
        case .config: ConFIG()
        case .nashMTL(let interval): NashMTL(interval: interval)
        case .fairGrad(let alpha): FairGrad(alpha: alpha)
        case .metaBalance(let relax, let beta): MetaBalance(relax: relax, beta: beta)
        case .dbMTL: DualBalancing()
        case .moco(_, let gamma, let rho): MoCo(gamma: gamma, rho: rho)
        }
    }

    /// How many numbers the rule remembers of `K` tasks.
    public func stateCount(tasks: Int) -> Int {
        switch rule {
        case .gradvac: tasks * tasks
        case .nashMTL, .metaBalance, .moco: tasks
        case .gradNorm: 4 * tasks
        default: 0
        }
    }

    /// What stays of gradients whose sign was not drawn; nil where signs are not looked at.
    public var signLeak: Float? {
        if case .gradDrop(let leak) = rule { Float(leak) } else { nil }
    }

    /// Whether the gradients compared are averages over steps.
    public var averagesGradients: Bool { keptShare(step: 1) != nil }

    /// Whether the gradients are those of the logarithms of the losses.
    public var takesLogarithms: Bool {
        if case .dbMTL = rule { true } else { false }
    }

    /// What an average of gradients keeps of itself in a step, from 1; nil where none is kept.
    public func keptShare(step: Int) -> Double? {
        switch rule {
        case .dbMTL(let beta, let exponent): beta / power(Double(max(step, 1)), exponent)
        case .moco(let beta, _, _): 1 - beta
        default: nil
        }
    }
}

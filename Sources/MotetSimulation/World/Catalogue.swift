import MotetCore

/// The items: what they are like, who sells them, how demand answers their prices.
struct Catalogue: Sendable {
    let count: Int
    /// Properties, `[N, d]`: `sqrt(0.3) c + sqrt(0.7) e`, where `c` is the category's.
    let latents: [Float]
    /// What is seen of them, `[N, d]`.
    let features: [Float]
    let category: [Int32]
    let seller: [Int32]
    /// The price on an ordinary day.
    let referencePrice: [Float]
    /// The elasticity of demand, below 0 unless the mean is 0.
    let elasticity: [Float]
    /// The quality, which shows in reviews and returns.
    let quality: [Float]
    /// The mean units a day, on an ordinary day at the reference price.
    let units: [Float]
    /// The items of each seller.
    let itemsOfSeller: [[Int32]]
    /// What a row shows.
    let sampler: AliasTable

    init(_ settings: SimulationSettings, key: RandomKey) {
        let count = settings.items
        self.count = count
        let sampler = AliasTable(
            count: count,
            exponent: settings.sparsity.items,
            key: key.split("popularity")
        )
        self.sampler = sampler
        let (categories, sellers) = (key.split("category"), key.split("seller"))
        let category = (0..<count).map {
            Int32(categories.uniform($0) * Double(settings.categories))
        }
        let seller = (0..<count).map { Int32(sellers.uniform($0) * Double(settings.sellers)) }
        let width = settings.latents.dimension
        let (centre, own) = (key.split("centre"), key.split("own"))
        latents = (0..<count * width).map { place in
            let common = centre.normal(Int(category[place / width]) * width + place % width)
            return Float(0.3.squareRoot() * common + 0.7.squareRoot() * own.normal(place))
        }
        features = Accounts.observed(
            latents,
            noise: settings.latents.featureNoise,
            key: key.split("noise")
        )
        let (price, slope, goodness) = (
            key.split("price"), key.split("elasticity"), key.split("quality")
        )
        referencePrice = (0..<count).map { Float(exponential(3 + 0.8 * price.normal($0))) }
        let prices = settings.prices
        let spread = prices.elasticitySpread
        elasticity = (0..<count).map { item in
            let factor = exponential(spread * slope.normal(item) - spread * spread / 2)
            return Float(prices.elasticity * factor)
        }
        quality = (0..<count).map { Float(goodness.normal($0)) }
        units = sampler.probabilities.map {
            Float(settings.demand.units * Double(count) * $0)
        }
        var itemsOfSeller = [[Int32]](repeating: [], count: settings.sellers)
        for item in 0..<count { itemsOfSeller[Int(seller[item])].append(Int32(item)) }
        self.category = category
        self.seller = seller
        self.itemsOfSeller = itemsOfSeller
    }
}

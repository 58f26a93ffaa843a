"""Goldens of decisions: evaluations of policies (policies.py), beliefs about demand (pricing.py) and
weights of rules (risk.py).

    pip install --no-deps obp==0.4.1
    python3 Tests/Goldens/decisions/generate.py

needs numpy, scipy, pandas, scikit-learn, tqdm and torch, which obp's estimators import.
"""

import policies
import pricing
import risk

if __name__ == "__main__":
    policies.main()
    pricing.main()
    risk.main()
